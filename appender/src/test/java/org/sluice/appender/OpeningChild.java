package org.sluice.appender;

import org.sluice.store.Backend;
import org.sluice.store.UninterruptibleThread;

import java.nio.file.Path;

/**
 * Opens a log and closes it, and says how that ended, as {@link AppendingChild} does. All on one
 * thread, so that strace(1), which counts the calls of each thread, can make any one of them fail.
 */
final class OpeningChild {
    private OpeningChild() {}

    /** Arguments: directory, backend. */
    public static void main(String[] args) throws InterruptedException {
        Thread thread = new UninterruptibleThread(() -> open(args[0], args[1]), "opening");
        thread.start();
        thread.join();
    }

    private static void open(String directory, String backend) {
        AppendLogConfig config = AppendingChild.config(Backend.valueOf(backend));
        AppendLog[] log = new AppendLog[1];
        if (AppendingChild.told(
                "open", () -> log[0] = AppendLog.open(Path.of(directory), config))) {
            AppendingChild.told("close", log[0]::close);
        }
    }
}
