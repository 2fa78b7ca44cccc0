package org.sluice.cli;

import org.sluice.appender.AppendLog;
import org.sluice.appender.EntryClaim;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries entries from an input to a log until the input ends, or the process is told to end: then
 * nothing more is read, everything that was read is appended, and the log is closed in order.
 *
 * <p><b>Threads.</b> {@link #run} and {@link #close} on one; an {@link Interruption} ends the input
 * from another, and closes the log itself only where a read does not return. The lock is held while
 * entries are appended and not while the input is waited for.
 */
final class AppendSession implements AutoCloseable {
    private static final long INTERRUPTED_WAIT_SECONDS = 60;

    private final AppendLog log;
    private final EntryInput input;
    private final AppendReport report;
    private final boolean isDurable;
    private final EntryClaim claim = new EntryClaim();
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Interruption interruption;
    private boolean isClosed;

    AppendSession(AppendLog log, EntryInput input, AppendReport report, boolean isDurable) {
        this.log = log;
        this.input = input;
        this.report = report;
        this.isDurable = isDurable;
        interruption = new Interruption(this::interrupted);
    }

    /** Appends until the input ends. */
    void run() {
        boolean isGoingOn = true;
        while (isGoingOn) {
            isGoingOn = input.read();
            lock.lock();
            try {
                appendRead();
            } finally {
                lock.unlock();
            }
        }
    }

    private void appendRead() {
        long last = -1;
        while (input.next()) {
            last = log.append(input.buffer(), input.entryOffset(), input.entryLength());
            report.onEntry(input.entryLength());
        }
        if (input.isUnended()) {
            markUnended();
        }
        if (isDurable && last >= 0) {
            log.awaitDurable(last);
            report.onDurable(last);
        }
        report.showProgress();
    }

    /** The line before it has no line feed: {@link CatCommand} leaves it out again. */
    private void markUnended() {
        log.claim(0, claim);
        claim.abort();
    }

    /** The process is told to end; returns when it may. */
    void interrupted() {
        // On a thread of its own, for it waits until a read that goes on has returned: at once
        // from a terminal or a pipe, but perhaps never from a file on a server that is gone.
        Thread.ofPlatform().name("sluice-input-end").daemon().start(input::close);
        try {
            // Never given back: the process ends before the reading thread could go on.
            if (!ended.await(INTERRUPTED_WAIT_SECONDS, TimeUnit.SECONDS) && lock.tryLock()) {
                closeLog();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closeLog();
        } finally {
            lock.unlock();
            ended.countDown();
            interruption.close();
        }
    }

    private void closeLog() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        log.close();
        report.onClosed(log);
    }
}
