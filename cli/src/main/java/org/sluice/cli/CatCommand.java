package org.sluice.cli;

import org.sluice.appender.LogReader;
import org.sluice.store.LogDirectoryLayout;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.time.Instant;

/** {@code sluice cat}: entries to standard output. */
@Command(
        name = "cat",
        description = {
            "Writes the entries of the log in DIR to standard output, each followed by a line feed.",
            "",
            "Reads what is written, durable or not, also while another process appends; changes"
                    + " nothing. Where the log is damaged, prints up to the damage and ends with exit"
                    + " code 3.",
            ""
        })
final class CatCommand extends LogCommand {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    @Parameters(paramLabel = "DIR", description = "Directory of the log.")
    private Path directory;

    @Option(
            names = "--from",
            paramLabel = "INDEX",
            converter = IndexConverter.class,
            description = "Begins at this index (default: the first entry kept).")
    private Long from;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description =
                    "Begins at the first batch written at this time or later: 2030-01-31T09:30:00Z,"
                            + " 2030-01-31T09:30 (local), or 10m (ten minutes ago).")
    private Instant since;

    @Option(
            names = {"-f", "--follow"},
            description = "Goes on with what is appended later, until Ctrl-C.")
    private boolean isFollowing;

    @Option(names = "--with-index", description = "Prints its index and a tab before each entry.")
    private boolean isWithIndex;

    @Option(
            names = "--length-prefixed",
            description =
                    "Prints its length before each entry, 4 bytes, little-endian, and no line feed behind.")
    private boolean isLengthPrefixed;

    @Option(names = "--json", description = "Prints each entry as a JSON object on a line.")
    private boolean isJson;

    CatCommand(StandardStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        EntryPrinter printer = printer();
        if (from != null && since != null) {
            throw misuse("--from and --since exclude each other");
        }
        if (!isFollowing) {
            LogDirectoryLayout.checkForLog(directory);
        }
        try (LogReader reader = LogReader.open(directory)) {
            if (from != null) {
                reader.seek(from);
            } else if (since != null) {
                reader.seekToTime(epochNs(since));
            }
            try (CatSession session = new CatSession(reader, printer, out(), isFollowing)) {
                session.run();
                if (from != null && !isFollowing) {
                    session.checkReached(from);
                }
            }
        }
        return ExitCode.OK;
    }

    private EntryPrinter printer() {
        int forms = (isWithIndex ? 1 : 0) + (isLengthPrefixed ? 1 : 0) + (isJson ? 1 : 0);
        if (forms > 1) {
            throw misuse("--with-index, --length-prefixed and --json exclude each other");
        }
        if (isLengthPrefixed) {
            return new LengthPrefixedPrinter(out());
        }
        return isJson ? new JsonPrinter(out()) : new LinePrinter(out(), isWithIndex);
    }

    private static long epochNs(Instant instant) {
        try {
            return Math.addExact(
                    Math.multiplyExact(instant.getEpochSecond(), NS_PER_SECOND), instant.getNano());
        } catch (ArithmeticException beyondAnyLog) {
            return instant.getEpochSecond() < 0 ? 0 : Long.MAX_VALUE;
        }
    }
}
