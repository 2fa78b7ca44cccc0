package org.sluice.ring;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Memory that the kernel may still read or write, because operations on it were submitted and their
 * completions never came. It is kept until the process ends: freeing it would let a late operation
 * write into whatever came to lie there, and to leak is the lesser evil.
 */
final class AbandonedMemory {
    private static final Queue<Object> KEPT = new ConcurrentLinkedQueue<>();

    private AbandonedMemory() {}

    /** Keeps the owner of such memory reachable for good. Any thread. */
    static void keep(Object owner) {
        KEPT.add(owner);
    }

    /** How many were kept. */
    static int count() {
        return KEPT.size();
    }
}
