package org.sluice.ring;

import org.sluice.store.AlignedBlockPool;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;

/** Makes large rings one after the other, under a limit that two of them at a time are above. */
final class RingsChild {
    static final int COUNT = 50;

    private RingsChild() {}

    /** Argument: a directory. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        AlignedBlockPool pool = new AlignedBlockPool(1, AlignedBlockPool.PAGE_BYTES);
        UringStorage storage =
                UringStorage.open(
                        directory,
                        StorePermissions.DEFAULT,
                        UringOptions.DEFAULT,
                        UringProbe.probe(directory));
        for (int i = 0; i < COUNT; i++) {
            storage.openIo(pool, UringIo.CAPACITY_MAX).close();
        }
        System.out.println("made " + COUNT);
    }
}
