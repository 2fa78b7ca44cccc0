package org.sluice.bench.peer;

import org.agrona.concurrent.UnsafeBuffer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.apache.logging.log4j.core.jmx.RingBufferAdmin;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Log4j2 as its performance pages recommend: all loggers asynchronous, garbage-free, a ring of
 * 262,144, a RandomAccessFile appender that does not flush after each event, a pattern without
 * location, and texts as long as the entries kept for the next. An entry is a line of text of the
 * same length. It never syncs, so sync here stops it, which looks every 50 ms whether its ring is
 * empty, and then forces its file.
 *
 * <p>Several producers wait here, not in Log4j2, while its ring is nearly full. Over Disruptor 4 a
 * producer that waits for room has its place already, so the ring tells the others that less than
 * nothing is left; Log4j2 (2.26) takes that for a context that was shut down and discards what they
 * log, whatever its policy for a full queue is. One producer alone never sees that.
 */
final class Log4jPeer implements Peer {
    private static final int ID_DIGITS = 14;
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int RING_EVENTS = 262_144;
    private static final int APPENDS_PER_LOOK_MAX = 256;
    private static final int REUSABLE_CHARS_MIN = 518;
    private static final long STOP_SECONDS = 60;

    static {
        System.setProperty("log4j2.asyncLoggerRingBufferSize", Integer.toString(RING_EVENTS));
        System.setProperty("log4j2.enableThreadlocals", "true");
        System.setProperty("log4j2.enableDirectEncoders", "true");
        System.setProperty("log4j2.StatusLogger.level", "OFF");
    }

    private final Path file;
    private final int entryBytes;
    private final int producers;
    private final AsyncLoggerContext context;
    private final RingBufferAdmin ring;
    private final Logger logger;

    Log4jPeer(Path directory, Workload workload) throws IOException {
        Files.createDirectories(directory);
        file = directory.resolve("log");
        entryBytes = workload.entryBytes();
        producers = workload.producers();
        // Log4j2 reads it once, when its first class is needed: a round has one length.
        System.setProperty(
                "log4j.maxReusableMsgSize",
                Integer.toString(Math.max(REUSABLE_CHARS_MIN, entryBytes)));
        context = new AsyncLoggerContext("bench");
        context.start(configuration());
        logger = context.getLogger("bench");
        ring = context.createRingBufferAdmin();
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

        /** How many appends go by between two looks at the ring. */
        private final int appendsPerLook =
                Math.clamp(RING_EVENTS / 4 / producers, 1, APPENDS_PER_LOOK_MAX);

        private int appendsToLook;

        LineAppender() {
            line.append("0".repeat(ID_DIGITS));
            for (int i = ID_DIGITS; i < entryBytes - 1; i++) {
                line.append((char) EntryPattern.filler(i));
            }
        }

        @Override
        public long append(EntryPattern entry) {
            if (producers > 1 && --appendsToLook <= 0) {
                awaitRoom();
            }
            long rest = entry.id();
            for (int i = ID_DIGITS - 1; i >= 0; i--) {
                line.setCharAt(i, HexFormat.of().toLowHexDigit((int) rest));
                rest >>>= 4;
            }
            logger.info(line);
            return entry.id();
        }

        /** Room for whatever all producers append before they look again, and as much again. */
        private void awaitRoom() {
            long room = 2L * producers * appendsPerLook;
            while (ring.getRemainingCapacity() < room) {
                LockSupport.parkNanos(1);
            }
            appendsToLook = appendsPerLook;
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
    public Replayer replayer() {
        return this::replay;
    }

    private void replay(EntrySink sink) throws IOException {
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
