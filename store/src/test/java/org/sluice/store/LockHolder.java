package org.sluice.store;

import java.io.IOException;
import java.nio.file.Path;

/** A process that takes the lock of a directory, says so, and holds it until its input ends. */
final class LockHolder {
    static final String HELD = "held";

    private LockHolder() {}

    public static void main(String[] args) throws IOException {
        DirectoryLock lock = DirectoryLock.acquire(Path.of(args[0]), StorePermissions.DEFAULT);
        System.out.println(HELD);
        System.out.flush();
        while (System.in.read() >= 0) {
            // Nothing is ever sent.
        }
        lock.close();
    }
}
