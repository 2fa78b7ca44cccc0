package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.Backend;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Appends under the faults that its process suffers, and says on standard output what came of it: a
 * line for each entry that became durable, and one for how each step ended.
 *
 * <pre>
 *    durable INDEX
 *    open OK | open CODE ERRNO MESSAGE
 *    append OK | append CODE ERRNO MESSAGE
 *    close OK | close CODE ERRNO MESSAGE
 * </pre>
 */
final class AppendingChild {
    private static final int PRODUCER = 0;

    private AppendingChild() {}

    /**
     * Arguments: directory, backend, entries; and "listening" where nobody is to wait for one, so
     * that all go by what the backend does in the background.
     */
    public static void main(String[] args) {
        AppendLog[] log = new AppendLog[1];
        AppendLogConfig config = config(Backend.valueOf(args[1]));
        if (!told("open", () -> log[0] = AppendLog.open(Path.of(args[0]), config))) {
            return;
        }
        int count = Integer.parseInt(args[2]);
        boolean isListening = args.length > 3;
        told(
                "append",
                () -> {
                    if (isListening) {
                        appendListening(log[0], count);
                    } else {
                        append(log[0], count);
                    }
                });
        told("close", log[0]::close);
    }

    /** Segments that some hundred entries fill. */
    static AppendLogConfig config(Backend backend) {
        return AppendLogConfig.builder()
                .backend(backend)
                .slotCount(64)
                .blockBytes(16 * 1024)
                .maxEntryBytes(4_000)
                .segmentBytes(64 * 1024)
                .closeTimeout(Duration.ofSeconds(5))
                .build();
    }

    /** What the entry at {@code index} holds. */
    static byte[] payload(long index) {
        return Entry.payload(PRODUCER, index, (int) (50 + index % 500));
    }

    static void append(AppendLog log, int count) {
        for (int i = 0; i < count; i++) {
            long index = log.append(payload(log.nextIndex()));
            log.awaitDurable(index);
            System.out.println("durable " + index);
        }
    }

    private static void appendListening(AppendLog log, int count) {
        log.onDurable(index -> System.out.println("durable " + index));
        for (int i = 0; i < count; i++) {
            log.append(payload(log.nextIndex()));
        }
        log.sync();
    }

    static boolean told(String step, Runnable act) {
        String end = "OK";
        try {
            act.run();
        } catch (AppendException thrown) {
            end = thrown.code() + " " + thrown.errno() + " " + thrown.getMessage();
        }
        System.out.println(step + " " + end);
        return end.equals("OK");
    }
}
