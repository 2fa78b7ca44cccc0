package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * Log4j2 as its performance pages recommend: all loggers asynchronous, garbage-free, a ring of
 * 262,144, a RandomAccessFile appender that does not flush after each event, a pattern without
 * location. An entry is a line of text of the same length. It never syncs, so sync here stops it
 * and then forces its file.
 */
final class Log4jPeer implements Peer {
    private static final int ID_DIGITS = 14;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final long STOP_SECONDS = 60;

    static {
        System.setProperty("log4j2.asyncLoggerRingBufferSize", "262144");
        System.setProperty("log4j2.enableThreadlocals", "true");
        System.setProperty("log4j2.enableDirectEncoders", "true");
        System.setProperty("log4j2.StatusLogger.level", "OFF");
    }

    private final Path file;
    private final int entryBytes;
    private final AsyncLoggerContext context;
    private final Logger logger;

    Log4jPeer(Path directory, Workload workload) throws IOException {
        Files.createDirectories(directory);
        file = directory.resolve("log");
        entryBytes = workload.entryBytes();
        context = new AsyncLoggerContext("bench");
        context.start(configuration());
        logger = context.getLogger("bench");
    }

    private BuiltConfiguration configuration() {
        ConfigurationBuilder<BuiltConfiguration> builder =
                ConfigurationBuilderFactory.newConfigurationBuilder();
        builder.add(
                builder.newAppender("file", "RandomAccessFile")
                        .addAttribute("fileName", file.toString())
                        .addAttribute("immediateFlush", false)
                        .addAttribute("bufferSize", BUFFER_BYTES)
                        .add(
                                builder.newLayout("PatternLayout")
                                        .addAttribute("pattern", "%m%n")
                                        .addAttribute("charset", "UTF-8")));
        builder.add(builder.newRootLogger(Level.INFO).add(builder.newAppenderRef("file")));
        return builder.build(false);
    }

    @Override
    public Appender appender(int producer) {
        return new LineAppender();
    }

    /** Text of one thread: the id in hexadecimal, then the entry's own letters. */
    private final class LineAppender implements Appender {
        private final StringBuilder line = new StringBuilder(entryBytes);

        LineAppender() {
            line.append("0".repeat(ID_DIGITS));
            for (int i = ID_DIGITS; i < entryBytes - 1; i++) {
                line.append((char) EntryPattern.filler(i));
            }
        }

        @Override
        public long append(EntryPattern entry) {
            long rest = entry.id();
            for (int i = ID_DIGITS - 1; i >= 0; i--) {
                line.setCharAt(i, HexFormat.of().toLowHexDigit((int) rest));
                rest >>>= 4;
            }
            logger.info(line);
            return entry.id();
        }

        @Override
        public void awaitDurable(long ticket) {
            throw new UnsupportedOperationException("never syncs on request");
        }
    }

    @Override
    public void sync() throws IOException {
        close();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    @Override
    public void close() throws IOException {
        if (!context.stop(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("Log4j2 did not write everything within a minute");
        }
    }

    @Override
    public void readBack(EntrySink sink) throws IOException {
        EntryPattern pattern = new EntryPattern(entryBytes, 0);
        UnsafeBuffer view = pattern.buffer();
        String filler = new LineAppender().line.substring(ID_DIGITS);
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
            String line = lines.readLine();
            while (line != null) {
                if (line.length() != entryBytes - 1 || !line.endsWith(filler)) {
                    throw new IllegalStateException("another line than was logged: " + line);
                }
                pattern.set(HexFormat.fromHexDigitsToLong(line, 0, ID_DIGITS));
                sink.onEntry(view, 0, entryBytes);
                line = lines.readLine();
            }
        }
    }

    @Override
    public long diskBytes() throws IOException {
        return Files.size(file);
    }
}
