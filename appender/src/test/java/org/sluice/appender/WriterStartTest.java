package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException.Code;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a user runs on the writer thread as it starts. */
final class WriterStartTest extends LogFixture {
    private final List<Thread> started = new CopyOnWriteArrayList<>();

    @Test
    void hookShouldRunOnTheThreadThatThenWrites() {
        List<Thread> telling = new CopyOnWriteArrayList<>();

        try (AppendLog log = open(config().onWriterStart(this::note))) {
            assertEquals(1, started.size());
            log.onDurable(index -> telling.add(Thread.currentThread()));
            log.awaitDurable(log.append(new byte[1]));
            await("the listener was told", () -> !telling.isEmpty());
        }

        assertEquals(started.getFirst(), telling.getFirst());
        assertEquals("sluice-writer", started.getFirst().getName());
    }

    @Test
    void hookShouldRunAgainWhereATruncationStartsTheWriterAnew() {
        try (AppendLog log = open(config().onWriterStart(this::note))) {
            log.append(new byte[1]);
            log.append(new byte[2]);

            log.truncateAfter(0);

            assertEquals(2, started.size());
            assertEquals(1, log.append(new byte[3]));
        }
    }

    @Test
    void hookThatThrowsShouldKeepTheLogFromOpening() {
        AppendLogConfig.Builder config =
                config().onWriterStart(
                                () -> {
                                    throw new IllegalStateException("no such core");
                                });

        String message = assertFails(Code.FAILED, () -> open(config)).getMessage();

        assertTrue(message.contains("onWriterStart threw"), message);
        assertTrue(message.contains("no such core"), message);
        // Nothing of the attempt is in the way.
        open(config()).close();
    }

    private void note() {
        started.add(Thread.currentThread());
    }
}
