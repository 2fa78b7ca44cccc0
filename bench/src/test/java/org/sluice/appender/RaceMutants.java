package org.sluice.appender;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.agrona.concurrent.YieldingIdleStrategy;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The same races with a mistake in each, and a moment's pause where it is made, so that it shows in
 * a short run too. All must fail, or the races show nothing.
 */
public final class RaceMutants {
    private static final int PAUSES = 8;
    private static final long LOST_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private RaceMutants() {}

    private static void pause(int count) {
        for (int i = 0; i < count; i++) {
            Thread.onSpinWait();
        }
    }

    private static String awaitWithoutALook(IndexWaiters waiters) {
        if (waiters.position() >= 0) {
            return WaiterRaces.SERVED;
        }
        pause(2);
        waiters.register(0);
        long startNs = System.nanoTime();
        LockSupport.parkNanos(LOST_NS);
        boolean isLost = System.nanoTime() - startNs >= LOST_NS;
        waiters.leave();
        return isLost ? WaiterRaces.LOST : WaiterRaces.SERVED;
    }

    /** Publishes the slot, then fills it. */
    @JCStressTest
    @Outcome(id = "(none|1)", expect = ACCEPTABLE, desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class PublishedTooSoon {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void produce() {
            long sequence = slots.tryClaim();
            slots.publish(sequence);
            pause(PAUSES);
            slots.putInline(sequence, RaceSlots.source(1), 0, RaceSlots.INLINE_BYTES);
        }

        @Actor
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** Publishes an aborted claim, then marks it. */
    @JCStressTest
    @Outcome(id = "(none|aborted)", expect = ACCEPTABLE, desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class AbortedTooLate {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void produce() {
            long sequence = slots.tryClaim();
            slots.putInline(sequence, RaceSlots.source(1), 0, RaceSlots.INLINE_BYTES);
            slots.publish(sequence);
            pause(PAUSES);
            slots.putAborted(sequence);
        }

        @Actor
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** Gives the buffer of a long entry back, then copies from it. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class ReleasedTooSoon {
        private final Slots slots = RaceSlots.create();
        private final OverflowBuffer held = slots.takeOverflow();

        /** The buffer is filled, and at the writer. */
        public ReleasedTooSoon() {
            held.bytes().putBytes(0, RaceSlots.source(1), 0, RaceSlots.LONG_BYTES);
        }

        @Actor
        public void produce() {
            boolean isDone = false;
            for (int i = 0; i < PAUSES && !isDone; i++) {
                isDone = RaceSlots.appendLong(slots, 2);
            }
        }

        @Actor
        public void write(L_Result result) {
            slots.releaseOverflow(held);
            pause(PAUSES);
            boolean isWhole = true;
            for (int i = 0; i < RaceSlots.LONG_BYTES; i++) {
                isWhole &= held.bytes().getByteVolatile(i) == 1;
            }
            result.r1 = isWhole ? "1" : "torn";
        }
    }

    /** Looks at the position, then registers, and parks without another look. */
    @JCStressTest
    @Outcome(id = WaiterRaces.SERVED, expect = ACCEPTABLE, desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class ParkedWithoutALook {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(L_Result result) {
            result.r1 = awaitWithoutALook(waiters);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
        }
    }

    /** One of two producers publishes its slot, then fills it. */
    @JCStressTest
    @Outcome(id = "(none|1|2|1 2|2 1)", expect = ACCEPTABLE, desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class OneOfTwoPublishedTooSoon {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void one() {
            RaceSlots.append(slots, 1);
        }

        @Actor
        public void other() {
            long sequence = slots.tryClaim();
            slots.publish(sequence);
            YieldingIdleStrategy.INSTANCE.idle(); // The writer may be without a processor.
            slots.putInline(sequence, RaceSlots.source(2), 0, RaceSlots.INLINE_BYTES);
        }

        @Actor
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** One of two waiters parks without another look. */
    @JCStressTest
    @Outcome(
            id = WaiterRaces.SERVED + ", " + WaiterRaces.SERVED,
            expect = ACCEPTABLE,
            desc = "luck")
    @Outcome(expect = FORBIDDEN, desc = "the mistake")
    @State
    public static class OneOfTwoParkedWithoutALook {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(LL_Result result) {
            result.r1 = WaiterRaces.await(waiters, 0);
        }

        @Actor
        public void waitWithoutALook(LL_Result result) {
            result.r2 = awaitWithoutALook(waiters);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
        }
    }
}
