package org.sluice.appender;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Positions and those who wait for them; the state that says why waiting is over. Races of more
 * than two take turns where there are fewer processors; {@code IndexWaitersTest} has twelve.
 */
public final class WaiterRaces {
    /**
     * Nobody who is woken stays parked this long, even where a machine stands still for a while.
     */
    private static final long LOST_NS = TimeUnit.SECONDS.toNanos(2);

    static final String SERVED = "served";
    static final String LOST = "lost";

    private WaiterRaces() {}

    static String await(IndexWaiters waiters, long index) {
        long startNs = System.nanoTime();
        while (!waiters.await(index, LOST_NS, (all, goal) -> {})) {
            // Whoever is to raise it has not had a processor yet.
            startNs = System.nanoTime();
        }
        return System.nanoTime() - startNs < LOST_NS ? SERVED : LOST;
    }

    /** Whoever waits when the position is raised is woken. */
    @JCStressTest
    @Outcome(id = SERVED, expect = ACCEPTABLE, desc = "woken, or never parked")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class OneWaiter {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(L_Result result) {
            result.r1 = await(waiters, 0);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
        }
    }

    /** Waking everyone, as at a failure, keeps nobody from being woken again. */
    @JCStressTest
    @Outcome(id = SERVED, expect = ACCEPTABLE, desc = "woken, or never parked")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class WokenForNothing {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(L_Result result) {
            result.r1 = await(waiters, 0);
        }

        @Actor
        public void raise() {
            waiters.wakeAll();
            waiters.raise(0);
        }
    }

    /** Who waited in vain, and comes back before the writer has let go, is woken. */
    @JCStressTest
    @Outcome(id = SERVED, expect = ACCEPTABLE, desc = "woken, or never parked")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class ComesBack {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(L_Result result) {
            waiters.register(1);
            waiters.leave();
            result.r1 = await(waiters, 1);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
            waiters.raise(1);
        }
    }

    /** Who waited in vain, and takes the same place again for another index, is woken. */
    @JCStressTest
    @Outcome(id = SERVED, expect = ACCEPTABLE, desc = "woken, or never parked")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class ComesBackForLess {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(L_Result result) {
            waiters.register(9);
            waiters.leave();
            result.r1 = await(waiters, 0);
        }

        @Actor
        public void raise() {
            waiters.wakeAll();
            waiters.raise(0);
        }
    }

    /** What the writer looks at to know whether it should hurry. */
    @JCStressTest
    @Outcome(id = "5", expect = ACCEPTABLE, desc = "the farthest")
    @Outcome(expect = FORBIDDEN, desc = "a far goal forgotten")
    @State
    public static class Wanted {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void far() {
            waiters.register(5);
            waiters.leave();
        }

        @Actor
        public void near() {
            waiters.register(3);
            waiters.leave();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = waiters.wanted();
        }
    }

    /** One of a chain of waiters wakes the next. */
    @JCStressTest
    @Outcome(id = SERVED + ", " + SERVED, expect = ACCEPTABLE, desc = "both woken")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class TwoWaiters {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void waitForIt(LL_Result result) {
            result.r1 = await(waiters, 0);
        }

        @Actor
        public void waitToo(LL_Result result) {
            result.r2 = await(waiters, 1);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
            waiters.raise(1);
        }
    }

    /** A waiter whose time is over breaks no chain. */
    @JCStressTest
    @Outcome(id = SERVED + ", " + SERVED, expect = ACCEPTABLE, desc = "both woken")
    @Outcome(expect = FORBIDDEN, desc = "a lost wake-up")
    @State
    public static class OneLeaves {
        private final IndexWaiters waiters = new IndexWaiters(-1, 0);

        @Actor
        public void leave() {
            waiters.register(0);
            waiters.leave();
            waiters.register(0);
            waiters.leave();
        }

        @Actor
        public void waitForIt(LL_Result result) {
            result.r1 = await(waiters, 0);
        }

        @Actor
        public void waitToo(LL_Result result) {
            result.r2 = await(waiters, 0);
        }

        @Actor
        public void raise() {
            waiters.raise(0);
        }
    }

    /** Nobody sees an entry durable that is not yet written, or a position go back. */
    @JCStressTest
    @Outcome(id = "-1, (-1|0|1), (-1|0|1)", expect = ACCEPTABLE, desc = "nothing durable yet")
    @Outcome(id = "0, (0|1), (0|1)", expect = ACCEPTABLE, desc = "the first is durable")
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "both are durable")
    @Outcome(expect = FORBIDDEN, desc = "durable before it is written")
    @State
    public static class DurablePosition {
        private final IndexWaiters written = new IndexWaiters(-1, 0);
        private final IndexWaiters durable = new IndexWaiters(-1, 0);

        @Actor
        public void write() {
            written.raise(0);
            durable.raise(0);
            written.raise(1);
            durable.raise(1);
        }

        @Actor
        public void look(LLL_Result result) {
            result.r1 = durable.position();
            result.r2 = written.position();
            result.r3 = written.position();
        }
    }

    /** A failure is for good, whoever closes meanwhile. */
    @JCStressTest
    @Outcome(id = "cause", expect = ACCEPTABLE, desc = "failed, and says why")
    @Outcome(expect = FORBIDDEN, desc = "closed instead")
    @State
    public static class FailureKept {
        private final LogState state = new LogState(Path.of("log"), () -> -1);

        @Actor
        public void fail() {
            state.fail(new AppendException(Code.IO, "a disk"));
        }

        @Actor
        public void close() {
            state.close();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = seen(state);
        }
    }

    /** When a failure is seen, its cause is there. */
    @JCStressTest
    @Outcome(id = "(no failure|cause)", expect = ACCEPTABLE, desc = "not yet, or says why")
    @Outcome(expect = FORBIDDEN, desc = "no cause")
    @State
    public static class FailureSeen {
        private final LogState state = new LogState(Path.of("log"), () -> -1);

        @Actor
        public void fail() {
            state.fail(new AppendException(Code.IO, "a disk"));
        }

        @Actor
        public void look(L_Result result) {
            result.r1 = seen(state);
        }
    }

    static String seen(LogState state) {
        if (state.phase() != LogState.Phase.FAILED) {
            return "no failure";
        }
        return state.failure() == null ? "no cause" : "cause";
    }
}
