package org.sluice.appender;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Carries the duties of a log on the calling thread: each step is one turn of one of them, and the
 * random decides whose. Whoever waits for a duty to end steps until it has.
 */
final class SimThreads implements DutyThread.Maker {
    private static final int JOIN_TURNS_MAX = 2_000;

    private final Random random;
    private final SimClock clock;
    private final List<Carried> running = new ArrayList<>();
    private Carried current;
    private long turns;
    private int timeouts;

    SimThreads(Random random, SimClock clock) {
        this.random = random;
        this.clock = clock;
    }

    @Override
    public DutyThread make(Duty duty, String name) {
        return new Carried(duty);
    }

    /** One turn of any duty; false if all have ended. */
    boolean step() {
        if (running.isEmpty()) {
            return false;
        }
        clock.tick();
        running.get(random.nextInt(running.size())).turn();
        return true;
    }

    /** Whether the writer, which a failure ends, is at work. */
    boolean isWriting() {
        return running.stream().anyMatch(carried -> carried.duty instanceof WriterThread);
    }

    /** Turns taken. */
    long turns() {
        return turns;
    }

    /** How often a duty had not ended in time. */
    int timeouts() {
        return timeouts;
    }

    private final class Carried implements DutyThread {
        private final Duty duty;

        Carried(Duty duty) {
            this.duty = duty;
        }

        void turn() {
            turns++;
            Carried before = current;
            current = this;
            if (!duty.turn()) {
                running.remove(this);
                duty.end();
            }
            current = before;
        }

        @Override
        public void start() {
            running.add(this);
            Carried before = current;
            current = this;
            duty.begin();
            current = before;
            // Whoever starts it waits to hear whether it could begin.
            turn();
        }

        @Override
        public void wake() {
            // Every duty has its turn anyway.
        }

        @Override
        public void park(long timeoutNs) {
            // Time passes between turns.
        }

        @Override
        public boolean isCurrent() {
            return current == this;
        }

        @Override
        public boolean join(long timeoutNs) {
            for (int i = 0; i < JOIN_TURNS_MAX && running.contains(this); i++) {
                step();
            }
            boolean hasEnded = !running.contains(this);
            if (!hasEnded) {
                timeouts++;
            }
            return hasEnded;
        }
    }
}
