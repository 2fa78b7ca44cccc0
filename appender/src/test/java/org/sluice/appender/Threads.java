package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads of a test: started together, ended in time, their failures thrown to the test. */
final class Threads {
    private static final long JOIN_MS = TimeUnit.SECONDS.toMillis(60);

    /** What one of them does. */
    interface Task {
        void run(int number) throws Exception;
    }

    private final List<Thread> threads = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final CountDownLatch started;
    private final AtomicInteger running = new AtomicInteger();

    private Threads(int count) {
        started = new CountDownLatch(count);
    }

    /** Starts {@code count} threads, none of which does anything before all are there. */
    static Threads start(int count, Task task) {
        Threads started = new Threads(count);
        for (int i = 0; i < count; i++) {
            int number = i;
            Thread thread = new Thread(() -> started.run(task, number), "test-" + number);
            thread.setDaemon(true);
            started.threads.add(thread);
            thread.start();
        }
        return started;
    }

    /** As {@link #start}, and waits for their end. */
    static void run(int count, Task task) throws Exception {
        start(count, task).join();
    }

    Thread get(int number) {
        return threads.get(number);
    }

    /** Whether all have begun and each waits for something. */
    boolean areParked() {
        return running.get() == threads.size() && threads.stream().allMatch(Threads::isParked);
    }

    private static boolean isParked(Thread thread) {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    /** Waits for their end and throws what the first of them failed with. */
    void join() throws Exception {
        for (Thread thread : threads) {
            thread.join(JOIN_MS);
            assertFalse(thread.isAlive(), () -> thread + " does not end" + stack(thread));
        }
        synchronized (failures) {
            for (Throwable failure : failures) {
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (Exception) failure;
            }
        }
    }

    private static String stack(Thread thread) {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append(System.lineSeparator()).append("    at ").append(element);
        }
        return text.toString();
    }

    private void run(Task task, int number) {
        started.countDown();
        try {
            started.await();
            running.incrementAndGet();
            task.run(number);
        } catch (Throwable thrown) {
            synchronized (failures) {
                failures.add(thrown);
            }
        }
    }
}
