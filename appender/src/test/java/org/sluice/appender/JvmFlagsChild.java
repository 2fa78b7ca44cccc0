package org.sluice.appender;

import org.sluice.store.AppendException;

import java.nio.file.Path;

/** Makes a claim, opens a log and a reader, and prints how each of them was refused. */
final class JvmFlagsChild {
    private JvmFlagsChild() {}

    /** Argument: the directory. */
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        print(EntryClaim::new);
        print(() -> AppendLog.open(directory).close());
        print(() -> LogReader.open(directory).close());
    }

    private static void print(Runnable work) {
        try {
            work.run();
            System.out.println("done");
        } catch (AppendException e) {
            System.out.println(e.code() + ": " + e.getMessage());
        }
    }
}
