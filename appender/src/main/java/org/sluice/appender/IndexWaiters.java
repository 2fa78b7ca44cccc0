package org.sluice.appender;

import org.agrona.concurrent.YieldingIdleStrategy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that wait for a position to reach an index. Any thread waits; the writer alone raises the
 * position and wakes.
 *
 * <p><b>Assumes</b> that one thread calls {@link #raise} and {@link #wakeAll}, and that whoever
 * registered also {@linkplain #leave leaves}.
 *
 * <p><b>Guarantees</b> that no wake-up is lost. A waiter registers, then looks at the position; the
 * writer stores the position, then looks for waiters; both with sequentially consistent accesses,
 * so at least one sees the other.
 *
 * <p><b>Chains.</b> Waking a thread costs its waker a system call, and a writer that woke sixty
 * callers itself would write nothing meanwhile. So it links those it satisfies into a few chains
 * and wakes the first of each; everyone wakes the next on leaving. A waiter that leaves by itself
 * at that very moment is either found gone, and not linked, or finds itself linked, and wakes the
 * next.
 *
 * <p><b>Waits in vain.</b> Whoever runs out of time stays in the writer's list, and takes the same
 * place when it comes back: while nothing is raised, as on a disk that stalls, a thread that asks
 * again and again has one.
 *
 * <p><b>Yields.</b> Parking and being woken costs as much as a fast disk takes for a sync. Callers
 * therefore look again for a while, giving their core to each other, before they park; one who came
 * alone does so on a fast disk only. {@link YieldPace} knows what the disk is like. Numbers:
 * decisions 0016, 0018 and 0019.
 */
final class IndexWaiters {
    private static final int CHAINS = 4;

    /**
     * What one caller waits for on a disk so fast that being woken would be a tenth of it or more.
     * On a slower one the core it would keep busy is not worth it.
     */
    static final long WORTH_ALONE_NS = 200_000;

    /** A waiter looks at the progress this often, in case the writer has stopped waking anyone. */
    private static final long LOOK_NS = 100_000_000;

    /**
     * A thread that waits, or has waited; its value says which. While it is RELEASED, as at first,
     * only its own thread refers to it, otherwise the writer does too.
     */
    private static final class Waiter extends AtomicInteger {
        private static final long serialVersionUID = 1L;

        static final int GONE = 0;
        static final int WAITING = 1;
        static final int RELEASED = 2;

        final transient Thread thread = Thread.currentThread();

        /** Written by its thread, also when GONE, before it is WAITING; read by the writer. */
        transient volatile long index;

        /** The next in a list of the writer. */
        transient Waiter next;

        /** Whom to wake on leaving; written before RELEASED, read after it. */
        transient Waiter successor;

        Waiter() {
            super(RELEASED);
        }
    }

    /** What a wait depends on beside the position. */
    interface Progress {
        /** The calling thread is known now: whoever is to raise the position may be asleep. */
        default void onWaiting() {}

        /** Throws if {@code index} will not be reached, or not be waited for any longer. */
        void check(IndexWaiters waiters, long index);
    }

    private final ThreadLocal<Waiter> mine = ThreadLocal.withInitial(Waiter::new);
    private final YieldPace pace = new YieldPace();

    /** Waiters the writer has not seen yet, last one first. */
    private final AtomicReference<Waiter> arrivals = new AtomicReference<>();

    private final AtomicLong position;
    private final AtomicLong wanted = new AtomicLong(Long.MIN_VALUE);

    private final long yieldNs;

    // Written by the writer alone.
    private final Waiter[] heads = new Waiter[CHAINS];
    private Waiter waiting;
    private volatile int servedCount;

    /**
     * Nobody waits yet.
     *
     * @param position the highest index reached
     * @param yieldNs how long a waiter yields before it parks
     */
    IndexWaiters(long position, long yieldNs) {
        this.position = new AtomicLong(position);
        this.yieldNs = yieldNs;
    }

    /** The highest index reached. */
    long position() {
        return position.get();
    }

    /** The highest index anyone ever waited for. */
    long wanted() {
        return wanted.get();
    }

    /**
     * Waits until the position has reached {@code index}.
     *
     * @return false if it has not after {@code timeoutNs}
     */
    boolean await(long index, long timeoutNs, Progress progress) {
        register(index);
        try {
            progress.onWaiting();
            return awaitRegistered(index, timeoutNs, progress);
        } finally {
            leave();
        }
    }

    private boolean awaitRegistered(long index, long timeoutNs, Progress progress) {
        long startNs = System.nanoTime();
        while (position() < index) {
            if (!isRegistered()) {
                // Woken to look at the progress, which lets the wait go on.
                leave();
                register(index);
            }
            progress.check(this, index);
            long waitedNs = System.nanoTime() - startNs;
            if (waitedNs >= timeoutNs) {
                pace.gaveUp(waitedNs, yieldWorthNs());
                return false;
            }
            if (isToYield(waitedNs)) {
                YieldingIdleStrategy.INSTANCE.idle();
            } else if (position() < index) {
                LockSupport.parkNanos(this, Math.min(timeoutNs - waitedNs, LOOK_NS));
            }
        }
        served(System.nanoTime() - startNs);
        return true;
    }

    /**
     * Makes the calling thread known. It must then look at the position before it parks, may be
     * woken any number of times before the position is reached, and must leave in the end.
     */
    void register(long index) {
        Waiter waiter = mine.get();
        if (waiter.get() == Waiter.GONE && waiter.index <= position.get()) {
            // It has been served, and the writer, about to let go of it, is to count it.
            waiter = new Waiter();
            mine.set(waiter);
        }
        waiter.index = index;
        if (!waiter.compareAndSet(Waiter.GONE, Waiter.WAITING)) {
            waiter.set(Waiter.WAITING);
            link(waiter);
        }
        want(index);
    }

    /** Whether the calling thread is known; if not, it must leave and register again. */
    boolean isRegistered() {
        return mine.get().get() == Waiter.WAITING;
    }

    /**
     * Whether the calling thread, which is registered and has waited for {@code waitedNs}, is to
     * yield and look again; if not, it is to park.
     */
    boolean isToYield(long waitedNs) {
        return pace.isToYield(waitedNs, yieldWorthNs(), yieldNs);
    }

    /** The calling thread got what it waited for, after {@code waitedNs}. */
    void served(long waitedNs) {
        pace.served(waitedNs, yieldWorthNs());
    }

    private long yieldWorthNs() {
        return servedCount > 1 ? yieldNs : Math.min(yieldNs, WORTH_ALONE_NS);
    }

    /** The calling thread waits no longer, for whatever reason. */
    void leave() {
        Waiter waiter = mine.get();
        if (!waiter.compareAndSet(Waiter.WAITING, Waiter.GONE)) {
            Waiter successor = waiter.successor;
            waiter.successor = null;
            if (successor != null) {
                LockSupport.unpark(successor.thread);
            }
        }
    }

    /** Raises the position and wakes whom it satisfies. */
    void raise(long index) {
        position.set(index);
        wake(index);
    }

    /** How many {@link #raise} has satisfied the last time it satisfied anyone. */
    int servedCount() {
        return servedCount;
    }

    /** Wakes everyone: the log's state has changed, and waiters must look at it. */
    void wakeAll() {
        wake(Long.MAX_VALUE);
    }

    /**
     * How many the writer would look at now; for tests, while no thread registers and none wakes.
     */
    int linkedCount() {
        int count = 0;
        for (Waiter waiter = waiting; waiter != null; waiter = waiter.next) {
            count++;
        }
        for (Waiter waiter = arrivals.get(); waiter != null; waiter = waiter.next) {
            count++;
        }
        return count;
    }

    private void link(Waiter waiter) {
        Waiter head;
        do {
            head = arrivals.get();
            waiter.next = head;
        } while (!arrivals.compareAndSet(head, waiter));
    }

    private void want(long index) {
        long before = wanted.get();
        while (before < index && !wanted.compareAndSet(before, index)) {
            before = wanted.get();
        }
    }

    private void wake(long index) {
        adopt();
        Waiter kept = null;
        int chain = 0;
        int served = 0;
        for (Waiter waiter = waiting; waiter != null; ) {
            Waiter next = waiter.next;
            long awaited = waiter.index;
            if (awaited > index && waiter.get() != Waiter.GONE) {
                waiter.next = kept;
                kept = waiter;
            } else {
                // One who yielded may have seen the position, and gone, before this.
                served += awaited <= index ? 1 : 0;
                if (release(waiter, heads[chain])) {
                    heads[chain] = waiter;
                    chain = (chain + 1) % CHAINS;
                }
            }
            waiter = next;
        }
        waiting = kept;
        if (served > 0) {
            servedCount = served;
        }
        for (int i = 0; i < CHAINS && heads[i] != null; i++) {
            LockSupport.unpark(heads[i].thread);
            heads[i] = null;
        }
    }

    /** Lets go of a waiter that is to wake {@code successor}; false if it left before. */
    private static boolean release(Waiter waiter, Waiter successor) {
        waiter.next = null;
        waiter.successor = successor;
        return waiter.getAndSet(Waiter.RELEASED) == Waiter.WAITING;
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
