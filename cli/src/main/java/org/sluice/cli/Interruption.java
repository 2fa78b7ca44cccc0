package org.sluice.cli;

/**
 * What is to be put in order when the process is told to end, by Ctrl-C or a polite kill, while
 * work goes on: from its creation until it is closed. The action runs on a thread of its own, and
 * the process ends when it returns.
 */
final class Interruption implements AutoCloseable {
    private final Thread hook;

    Interruption(Runnable action) {
        hook = new Thread(action, "sluice-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The work is done. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The process is ending already, and the action has its turn.
            return;
        }
    }
}
