package org.sluice.appender;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * Between producers and the writer: publishing, aborting, long entries' buffers. Races of more than
 * two take turns where there are fewer processors.
 */
public final class SlotsRaces {
    private SlotsRaces() {}

    /** What is published is whole. */
    @JCStressTest
    @Outcome(id = "none", expect = ACCEPTABLE, desc = "not published yet")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "whole")
    @Outcome(expect = FORBIDDEN, desc = "not what was appended")
    @State
    public static class Publication {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void produce() {
            RaceSlots.append(slots, 1);
        }

        @Actor
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** Two producers take different slots, and nothing is lost. */
    @JCStressTest
    @Outcome(id = "(1 2|2 1)", expect = ACCEPTABLE, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice or torn")
    @State
    public static class Claim {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void one() {
            RaceSlots.append(slots, 1);
        }

        @Actor
        public void other() {
            RaceSlots.append(slots, 2);
        }

        @Arbiter
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** Of an aborted claim the writer sees nothing but that it was aborted. */
    @JCStressTest
    @Outcome(id = "none", expect = ACCEPTABLE, desc = "not published yet")
    @Outcome(id = "aborted", expect = ACCEPTABLE, desc = "to be skipped")
    @Outcome(expect = FORBIDDEN, desc = "half of an aborted entry")
    @State
    public static class AbortSeen {
        private final Slots slots = RaceSlots.create();

        @Actor
        public void produce() {
            RaceSlots.abort(slots, 1);
        }

        @Actor
        public void write(L_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** A slot is given out again only when the writer is done with it. */
    @JCStressTest
    @Outcome(id = "1 1 1 1, (true|false)", expect = ACCEPTABLE, desc = "full, or just freed")
    @Outcome(id = "1 1 1 1 2, true", expect = ACCEPTABLE, desc = "seen at once")
    @Outcome(expect = FORBIDDEN, desc = "an entry written over")
    @State
    public static class FullRing {
        private final Slots slots = RaceSlots.create();

        /** All four slots hold an entry. */
        public FullRing() {
            for (int i = 0; i < RaceSlots.SLOTS; i++) {
                RaceSlots.append(slots, 1);
            }
        }

        @Actor
        public void produce(LL_Result result) {
            long sequence = slots.tryClaim();
            result.r2 = sequence >= 0;
            if (sequence >= 0) {
                slots.putInline(sequence, RaceSlots.source(2), 0, RaceSlots.INLINE_BYTES);
                slots.publish(sequence);
            }
        }

        @Actor
        public void write(LL_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** Two producers: the writer sees a prefix of what both append, and in the end all of it. */
    @JCStressTest
    @Outcome(id = "none, (1 2|2 1)", expect = ACCEPTABLE, desc = "nothing at first")
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "one, then the other")
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "one, then the other")
    @Outcome(id = "(1 2|2 1), none", expect = ACCEPTABLE, desc = "both at once")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice or torn")
    @State
    public static class TwoProducers {
        private final Slots slots = RaceSlots.create();
        private long next;

        @Actor
        public void one() {
            RaceSlots.append(slots, 1);
        }

        @Actor
        public void other() {
            RaceSlots.append(slots, 2);
        }

        @Actor
        public void write(LL_Result result) {
            String found = RaceSlots.gather(slots, 0);
            result.r1 = found;
            next = found.equals("none") ? 0 : found.split(" ").length;
        }

        @Arbiter
        public void writeRest(LL_Result result) {
            result.r2 = RaceSlots.gather(slots, next);
        }
    }

    /** An aborted claim is one that the writer skips, never what was begun in it. */
    @JCStressTest
    @Outcome(id = "none, (1 aborted|aborted 1)", expect = ACCEPTABLE, desc = "nothing at first")
    @Outcome(id = "1, aborted", expect = ACCEPTABLE, desc = "one, then the other")
    @Outcome(id = "aborted, 1", expect = ACCEPTABLE, desc = "one, then the other")
    @Outcome(id = "(1 aborted|aborted 1), none", expect = ACCEPTABLE, desc = "both at once")
    @Outcome(expect = FORBIDDEN, desc = "lost, twice or half of an aborted entry")
    @State
    public static class Abort {
        private final Slots slots = RaceSlots.create();
        private long next;

        @Actor
        public void one() {
            RaceSlots.append(slots, 1);
        }

        @Actor
        public void other() {
            RaceSlots.abort(slots, 2);
        }

        @Actor
        public void write(LL_Result result) {
            String found = RaceSlots.gather(slots, 0);
            result.r1 = found;
            next = found.equals("none") ? 0 : found.split(" ").length;
        }

        @Arbiter
        public void writeRest(LL_Result result) {
            result.r2 = RaceSlots.gather(slots, next);
        }
    }

    /** The one buffer for long entries is given back only when the writer is done with it. */
    @JCStressTest
    @Outcome(id = "(1|none), (true|false)", expect = ACCEPTABLE, desc = "whole, or not yet there")
    @Outcome(id = "1 2, true", expect = ACCEPTABLE, desc = "both")
    @Outcome(expect = FORBIDDEN, desc = "one entry's bytes in another")
    @State
    public static class LongEntries {
        private final Slots slots = RaceSlots.create();

        /** Entry 1 is there already: the race is about the buffer that it holds. */
        public LongEntries() {
            RaceSlots.appendLong(slots, 1);
        }

        @Actor
        public void produce(LL_Result result) {
            result.r2 = RaceSlots.appendLong(slots, 2);
        }

        @Actor
        public void write(LL_Result result) {
            result.r1 = RaceSlots.gather(slots, 0);
        }
    }

    /** A buffer is never with two at once, and never lost, though it comes back at the top. */
    @JCStressTest
    @Outcome(id = "[012] [012], all", expect = ACCEPTABLE, desc = "each its own")
    @Outcome(id = "none [012], all", expect = FORBIDDEN, desc = "none, and one was free")
    @Outcome(expect = FORBIDDEN, desc = "one buffer for two, or lost")
    @State
    public static class BufferPool {
        private final OverflowPool pool = new OverflowPool(3, 8);
        private OverflowBuffer first;
        private OverflowBuffer second;

        @Actor
        public void take() {
            first = pool.take();
        }

        @Actor
        public void takeTwoAndReleaseTheFirst() {
            OverflowBuffer released = pool.take();
            second = pool.take();
            pool.release(released);
        }

        @Arbiter
        public void look(LL_Result result) {
            result.r1 = name(first) + " " + (first == second ? "the same" : name(second));
            int left = 0;
            while (left <= 3 && pool.take() != null) {
                left++;
            }
            result.r2 = left == 1 ? "all" : "left " + left;
        }

        private static String name(OverflowBuffer buffer) {
            return buffer == null ? "none" : Integer.toString(buffer.id());
        }
    }
}
