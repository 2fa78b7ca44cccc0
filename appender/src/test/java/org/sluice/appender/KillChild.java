package org.sluice.appender;

import org.sluice.store.Backend;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Appends until it is killed, and says on standard output what the log has acknowledged. A line is
 * whole if it ends in a full stop:
 *
 * <pre>
 *    opening .                    the log is about to be opened
 *    INDEX PRODUCER NUMBER .      awaitDurable returned
 *    INDEX .                      onDurable was called
 * </pre>
 */
final class KillChild {
    static final int PRODUCERS = 4;
    static final int MAX_ENTRY_BYTES = 16 * 1024;
    static final int SEGMENT_BYTES = 256 * 1024;

    private static final int SLOT_BYTES = 64;
    private static final int PREFIX_BYTES = Integer.BYTES + Long.BYTES;
    private static final int UNACKNOWLEDGED_MAX = 48;

    private final FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    private final AppendLog log;
    private final SplittableRandom random;
    private final int firstProducer;

    private KillChild(AppendLog log, long seed, int firstProducer) {
        this.log = log;
        this.random = new SplittableRandom(seed);
        this.firstProducer = firstProducer;
    }

    /**
     * Arguments: directory, backend, seed, number of the first producer, whether to listen, bytes
     * to retain or 0.
     */
    public static void main(String[] args) throws IOException {
        Backend backend = Backend.valueOf(args[1]);
        System.out.println("opening .");
        System.out.flush();
        AppendLogConfig.Builder config = config(backend).retentionBytes(Long.parseLong(args[5]));
        AppendLog log = AppendLog.open(Path.of(args[0]), config.build());
        KillChild child = new KillChild(log, Long.parseLong(args[2]), Integer.parseInt(args[3]));
        if (Boolean.parseBoolean(args[4])) {
            log.onDurable(index -> child.print(index + " .\n"));
        }
        child.start();
    }

    /** Segments so small that a run rolls many times; nothing is given up unasked. */
    static AppendLogConfig.Builder config(Backend backend) {
        return AppendLogConfig.builder()
                .backend(backend)
                .slotCount(256)
                .slotBytes(SLOT_BYTES)
                .maxEntryBytes(MAX_ENTRY_BYTES)
                .overflowCount(4)
                .blockBytes(32 * 1024)
                .blockCount(4)
                .segmentBytes(SEGMENT_BYTES);
    }

    /**
     * The only bytes that this producer's entry of this number can have: they name both, and their
     * count follows from them. Most fit a slot, one in five takes an overflow buffer.
     */
    static byte[] payload(int producer, long number) {
        SplittableRandom lengths = new SplittableRandom(producer * 1_000_003L + number);
        int kind = lengths.nextInt(16);
        int length =
                switch (kind) {
                    case 0 -> lengths.nextInt(PREFIX_BYTES, MAX_ENTRY_BYTES + 1);
                    case 1, 2 -> lengths.nextInt(SLOT_BYTES, 1_024);
                    default -> lengths.nextInt(PREFIX_BYTES, SLOT_BYTES);
                };
        byte[] bytes = Entry.payload(producer, number, length);
        ByteBuffer.wrap(bytes).putInt(producer).putLong(number);
        return bytes;
    }

    private void start() {
        for (int i = 0; i < PRODUCERS; i++) {
            SplittableRandom choices = random.split();
            int producer = firstProducer + i;
            new Thread(() -> append(producer, choices), "producer-" + i).start();
        }
    }

    private void append(int producer, SplittableRandom choices) {
        try {
            long awaitedNumber = -1;
            for (long number = 0; ; number++) {
                long index = log.append(payload(producer, number));
                if (number - awaitedNumber > choices.nextInt(UNACKNOWLEDGED_MAX)) {
                    log.awaitDurable(index);
                    print(index + " " + producer + " " + number + " .\n");
                    awaitedNumber = number;
                }
            }
        } catch (Throwable thrown) {
            thrown.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /** In one call of the system, so that no kill can halve a line; ends when nobody reads it. */
    private void print(String line) {
        try {
            output.write(line.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            Runtime.getRuntime().halt(2);
        }
    }
}
