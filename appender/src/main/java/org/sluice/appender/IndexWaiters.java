package org.sluice.appender;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that wait for a position to reach an index. Any thread waits; the writer alone raises the
 * position and wakes.
 *
 * <p><b>Assumes</b> one thread calls {@link #raise} and {@link #wakeAll}.
 *
 * <p><b>Guarantees</b> that no wake-up is lost: a waiter registers, then looks at the position; the
 * writer stores the position, then looks for waiters; both with sequentially consistent accesses,
 * so at least one sees the other.
 */
final class IndexWaiters {
    private static final class Waiter {
        final Thread thread = Thread.currentThread();
        long index;
        Waiter next;

        /** Set by the waiting thread before it registers, cleared by the writer when it lets go. */
        volatile boolean isRegistered;
    }

    private final ThreadLocal<Waiter> mine = ThreadLocal.withInitial(Waiter::new);

    /** Waiters the writer has not seen yet, last one first. */
    private final AtomicReference<Waiter> arrivals = new AtomicReference<>();

    private final AtomicLong position;
    private final AtomicLong wanted = new AtomicLong(Long.MIN_VALUE);

    /** The writer's own list. */
    private Waiter waiting;

    IndexWaiters(long position) {
        this.position = new AtomicLong(position);
    }

    /** The highest index reached. */
    long position() {
        return position.get();
    }

    /** The highest index anyone ever waited for. */
    long wanted() {
        return wanted.get();
    }

    /** Says that {@code index} is wanted, without waiting. */
    void want(long index) {
        long before = wanted.get();
        while (before < index && !wanted.compareAndSet(before, index)) {
            before = wanted.get();
        }
    }

    /**
     * Makes the calling thread known. It must then look at the position before it parks, and may
     * wake any number of times before the position is reached.
     */
    void register(long index) {
        Waiter waiter = mine.get();
        if (waiter.isRegistered) {
            // Left over from a wait that ended early; the writer has not let go of it yet.
            waiter = new Waiter();
            mine.set(waiter);
        }
        waiter.index = index;
        waiter.isRegistered = true;
        Waiter head;
        do {
            head = arrivals.get();
            waiter.next = head;
        } while (!arrivals.compareAndSet(head, waiter));
        want(index);
    }

    /** Whether the calling thread is known; if not, it must register (again) before it parks. */
    boolean isRegistered() {
        return mine.get().isRegistered;
    }

    /** Raises the position and wakes whom it satisfies. */
    void raise(long index) {
        position.set(index);
        wake(index);
    }

    /** Wakes everyone: the log has ended, and waiters must look at its state. */
    void wakeAll() {
        wake(Long.MAX_VALUE);
    }

    private void wake(long index) {
        adopt();
        Waiter kept = null;
        Waiter waiter = waiting;
        while (waiter != null) {
            Waiter next = waiter.next;
            if (waiter.index <= index) {
                Thread thread = waiter.thread;
                waiter.next = null;
                waiter.isRegistered = false;
                LockSupport.unpark(thread);
            } else {
                waiter.next = kept;
                kept = waiter;
            }
            waiter = next;
        }
        waiting = kept;
    }

    private void adopt() {
        if (arrivals.get() == null) {
            return;
        }
        Waiter arrived = arrivals.getAndSet(null);
        while (arrived != null) {
            Waiter next = arrived.next;
            arrived.next = waiting;
            waiting = arrived;
            arrived = next;
        }
    }
}
