package org.sluice.store;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Carries out I/O that an interrupt must not cut short, whatever thread asks for it.
 *
 * <p>Design note: an interrupt closes the channel its target is inside of and throws the result of
 * the call away. A read can be done again. A sync can't: the first one may have failed and taken
 * the error with it, so that the second proves nothing. A thread that may be interrupted therefore
 * lets another one, which can't be, make the call, and waits for it. That costs a thread each time,
 * which is little beside a sync; a {@link UninterruptibleThread} makes the call itself.
 */
public final class Uninterrupted {
    private Uninterrupted() {}

    /**
     * Returns or throws what {@code call} does; the interrupt flag stays as it is. Any thread.
     *
     * @param call throws nothing checked but {@link IOException}
     */
    public static <T> T call(Callable<T> call) throws IOException {
        FutureTask<T> task = new FutureTask<>(call);
        if (Thread.currentThread() instanceof UninterruptibleThread) {
            task.run();
        } else {
            Thread thread = new UninterruptibleThread(task, "sluice-uninterrupted");
            thread.setDaemon(true);
            thread.start();
        }
        return resultOf(task);
    }

    private static <T> T resultOf(FutureTask<T> task) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException thrown -> throw thrown;
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                default -> throw new AssertionError(e.getCause());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
