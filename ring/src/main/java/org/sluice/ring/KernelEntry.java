package org.sluice.ring;

import org.sluice.ring.ffi.Ring;
import org.sluice.ring.ffi.SubmissionQueue;
import org.sluice.ring.ffi.UringAbi;
import org.sluice.store.AppendException;
import org.sluice.store.Errno;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * When and how the kernel is entered, and what its answer means. An answer that leaves the ring in
 * doubt breaks the engine for good: {@link #broken()}. The engine's thread.
 *
 * <p>A submission of which the kernel took only a part needs nothing: what is left is still in the
 * queue, and counted there the next time.
 */
final class KernelEntry {
    /** How long the kernel may refuse to be entered before the engine counts as broken. */
    private static final long STALL_LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

    private final Path directory;
    private final Ring ring;
    private final SubmissionQueue submissions;
    private final boolean sqPoll;
    private long stalledSinceNs;
    private boolean stalled;
    private AppendException broken;

    /**
     * @param directory for messages
     */
    KernelEntry(Path directory, Ring ring) {
        this.directory = directory;
        this.ring = ring;
        this.submissions = ring.submissions();
        this.sqPoll = (ring.setupFlags() & UringAbi.SETUP_SQPOLL) != 0;
    }

    /** What broke the engine, or null. */
    AppendException broken() {
        return broken;
    }

    /** An SQE was filled: where a kernel thread takes submissions it may have it at once. */
    void submitted() {
        if (sqPoll) {
            submissions.publish();
        }
    }

    /** Enters at most once, and only to submit or to fetch completions the kernel holds back. */
    void enterIfNeeded() {
        int submitCount = submissions.unsubmitted();
        int flags = submissions.hasHeldCompletions() ? UringAbi.ENTER_GETEVENTS : 0;
        if (submitCount > 0) {
            submissions.publish();
            if (!sqPoll) {
                // While there, have finished operations posted too.
                flags |= UringAbi.ENTER_GETEVENTS;
            } else if (submissions.needsWakeup()) {
                flags |= UringAbi.ENTER_SQ_WAKEUP;
            }
        }
        if (flags != 0) {
            judge(ring.enter(submitCount, flags), submitCount);
        }
    }

    /** Submits what there is and waits for a completion. */
    void enterAndWait(long timeoutNs) {
        int submitCount = submissions.unsubmitted();
        judge(enterAndWait(submitCount, timeoutNs), submitCount);
    }

    /**
     * Waits for a completion when the engine is being closed, where no answer can break anything
     * any more; submits only if the engine is not broken.
     *
     * @return false if the wait failed
     */
    boolean waitAtClose(long timeoutNs) {
        int submitCount = broken == null ? submissions.unsubmitted() : 0;
        int result = enterAndWait(submitCount, timeoutNs);
        return result >= 0 || result == -Errno.ETIME;
    }

    /**
     * SQEs that reach the kernel only by a further entry, which a broken engine doesn't make. What
     * a kernel thread was shown it may take at any time.
     */
    int neverSubmitted() {
        return broken == null || sqPoll ? 0 : submissions.unsubmitted();
    }

    /** Completions came, so things are moving. */
    void progressed() {
        stalled = false;
    }

    /** Breaks the engine. */
    AppendException breakWith(String reason, int errno) {
        broken =
                new AppendException(
                        AppendException.Code.IO,
                        "the io_uring of " + directory + " is broken: " + reason,
                        directory,
                        AppendException.NONE,
                        errno,
                        null);
        return broken;
    }

    private int enterAndWait(int submitCount, long timeoutNs) {
        submissions.publish();
        boolean wakes = sqPoll && submitCount > 0 && submissions.needsWakeup();
        return ring.enterAndWait(submitCount, wakes ? UringAbi.ENTER_SQ_WAKEUP : 0, timeoutNs);
    }

    private void judge(int result, int submitCount) {
        if (result > 0 || (result == 0 && submitCount == 0)) {
            stalled = false;
            return;
        }
        switch (-result) {
            case Errno.ETIME -> {}
            case 0, Errno.EINTR -> {
                if (submitCount > 0) {
                    checkStall(-result);
                }
            }
            // To wait, or fetch what ended, is refused too: completions may be held back for ever.
            case Errno.EAGAIN, Errno.EBUSY -> checkStall(-result);
            default -> throw breakWith(Errno.sentence(-result), -result);
        }
    }

    private void checkStall(int errno) {
        long nowNs = System.nanoTime();
        if (!stalled) {
            stalled = true;
            stalledSinceNs = nowNs;
        } else if (nowNs - stalledSinceNs > STALL_LIMIT_NS) {
            throw breakWith(
                    "the kernel could not be entered for "
                            + TimeUnit.NANOSECONDS.toSeconds(STALL_LIMIT_NS)
                            + " s: "
                            + Errno.sentence(errno),
                    errno);
        }
    }
}
