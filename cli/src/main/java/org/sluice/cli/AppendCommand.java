package org.sluice.cli;

import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.Producers;
import org.sluice.appender.SyncPolicy;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code sluice append}: what comes in on standard input becomes entries. */
@Command(
        name = "append",
        description = {
            "Appends standard input to the log in DIR, which is created if missing; the directory above"
                    + " must exist.",
            "",
            "Each line is an entry, without the line feed that ends it. When the command ends in"
                    + " order, by Ctrl-C too, everything it read is durable,"
                    + " but for a line not ended yet.",
            ""
        })
final class AppendCommand extends LogCommand {
    private static final long BLOCKS_BYTES = 64 << 20;
    private static final int BLOCK_COUNT_MAX = 16;
    private static final long SEGMENT_BYTES = 32 << 20;
    private static final long MEGABYTE = 1 << 20;

    @Parameters(paramLabel = "DIR", description = "Directory of the log.")
    private Path directory;

    @Option(
            names = "--length-prefixed",
            description =
                    "Entries are bytes of any kind, each after its length: 4 bytes, little-endian.")
    private boolean isLengthPrefixed;

    @Option(
            names = "--max-entry-bytes",
            paramLabel = "SIZE",
            defaultValue = "128K",
            converter = ByteSizeConverter.class,
            description =
                    "Longest entry (default: 128K). Raising it takes more memory, and raises the"
                            + " default of --segment-bytes.")
    private long entryBytesMax;

    @Option(
            names = "--segment-bytes",
            paramLabel = "SIZE",
            converter = ByteSizeConverter.class,
            description = "Size of the files the log consists of (default: 32M).")
    private Long segmentBytes;

    @Option(
            names = "--sync",
            paramLabel = "POLICY",
            defaultValue = "on-demand",
            converter = SyncPolicyConverter.class,
            description =
                    "When to sync before the end: on-demand (default: at a new segment, and with"
                            + " --durable), every-batch, a span of time such as 20ms, or never.")
    private SyncPolicy syncPolicy;

    @Option(
            names = "--durable",
            description =
                    "Waits until what was read is durable before it reads on, and prints the highest"
                            + " durable index each time.")
    private boolean isDurable;

    @Option(names = "--json", description = "Prints the summary as JSON on standard output.")
    private boolean isJson;

    AppendCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        if (isDurable && syncPolicy == SyncPolicy.NEVER) {
            throw misuse("--durable and --sync never exclude each other");
        }
        AppendLogConfig config = config();
        EntryFormat format =
                isLengthPrefixed
                        ? new LengthPrefixedFormat(config.maxEntryBytes())
                        : new LineFormat(config.maxEntryBytes());
        EntryInput input = new EntryInput(streams().in(), format, config.maxEntryBytes());
        AppendLog log = AppendLog.open(directory, config);
        AppendReport report = new AppendReport(streams(), isJson);
        try (AppendSession session = new AppendSession(log, input, report, isDurable)) {
            session.run();
        }
        return ExitCode.OK;
    }

    /** Up to the library's own number; fewer where entries make blocks large. */
    private int blockCount() {
        return Math.clamp(BLOCKS_BYTES / (2 * Math.max(1, entryBytesMax)), 2, BLOCK_COUNT_MAX);
    }

    /** A segment holds a block, and a block of the default size is less than two entries. */
    private long segmentBytes() {
        if (segmentBytes != null) {
            return segmentBytes;
        }
        return Math.max(SEGMENT_BYTES, 4 * Math.ceilDiv(entryBytesMax, MEGABYTE) * MEGABYTE);
    }

    private AppendLogConfig config() {
        if (entryBytesMax > Integer.MAX_VALUE) {
            throw misuse("--max-entry-bytes must be less than 2G");
        }
        try {
            return AppendLogConfig.builder()
                    .backend(common().backend())
                    .maxEntryBytes((int) entryBytesMax)
                    .blockCount(blockCount())
                    .segmentBytes(segmentBytes())
                    .syncPolicy(syncPolicy)
                    .producers(Producers.SINGLE)
                    .build();
        } catch (IllegalArgumentException e) {
            throw misuse(withOptionNames(e.getMessage()));
        }
    }

    /** Who types options does not know what the library calls them. */
    private static String withOptionNames(String message) {
        return message.replace("maxEntryBytes", "--max-entry-bytes")
                .replace("segmentBytes", "--segment-bytes");
    }
}
