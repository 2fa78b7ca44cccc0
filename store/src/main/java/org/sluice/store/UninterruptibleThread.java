package org.sluice.store;

/**
 * A thread whose {@link #interrupt()} does nothing.
 *
 * <p>An interrupt closes the {@link java.nio.channels.FileChannel} its target is inside of, and
 * hides the result of the call that was under way. To a thread that writes a log that is the loss
 * of its file, and for a sync the loss of the answer. Such a thread is told to stop by a flag
 * instead.
 */
public final class UninterruptibleThread extends Thread {

    /** A thread, not started, that will run {@code task}. */
    public UninterruptibleThread(Runnable task, String name) {
        super(task, name);
    }

    /** Does nothing. */
    @Override
    public void interrupt() {
        // See the class comment.
    }
}
