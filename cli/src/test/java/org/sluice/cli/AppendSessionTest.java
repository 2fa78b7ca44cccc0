package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

final class AppendSessionTest {
    @TempDir private Path parent;

    /** As where bytes come in at the moment the process is told to end. */
    @Test
    @Timeout(120)
    void whatAReadReturnsWhileTheProcessEndsShouldBeAppended() throws InterruptedException {
        Path directory = parent.resolve("log");
        LastBytes channel = new LastBytes("one\ntwo\nunfini");
        AppendLog log =
                AppendLog.open(directory, AppendLogConfig.builder().segmentBytes(1 << 20).build());
        StandardStreams streams =
                new StandardStreams(
                        channel,
                        new StandardOutput(Channels.newChannel(OutputStream.nullOutputStream())),
                        new PrintStream(
                                OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                        false,
                        false);
        EntryInput input = new EntryInput(channel, new LineFormat(100), 100);
        AppendReport report = new AppendReport(streams, false);
        AppendSession session = new AppendSession(log, input, report, false);
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(
                        () -> {
                            try (session) {
                                session.run();
                            }
                        });
        channel.awaitReading();

        session.interrupted();

        String kept = CommandRun.of("cat", directory).expectOk().text();
        channel.close(); // before anything can fail: the reading thread waits for it
        assertEquals("one\ntwo\n", kept);
        reading.join();
    }

    /** Its read ends when it is closed, and was too far on to return nothing. */
    private static final class LastBytes implements ReadableByteChannel {
        private final CountDownLatch reading = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);
        private final ByteBuffer bytes;

        LastBytes(String text) {
            bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        }

        void awaitReading() throws InterruptedException {
            reading.await();
        }

        @Override
        public int read(ByteBuffer target) throws ClosedChannelException {
            reading.countDown();
            try {
                closed.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (!bytes.hasRemaining()) {
                throw new ClosedChannelException();
            }
            int count = bytes.remaining();
            target.put(bytes);
            return count;
        }

        @Override
        public boolean isOpen() {
            return closed.getCount() > 0;
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
