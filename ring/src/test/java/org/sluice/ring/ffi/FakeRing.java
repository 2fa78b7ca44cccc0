package org.sluice.ring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of two queues without a kernel behind it, starting at any index: a real ring would
 * have to be used four billion times before its indices wrap. The test plays the kernel.
 */
final class FakeRing {
    final MemorySegment submissionHead;
    final MemorySegment submissionTail;
    final MemorySegment flags;
    final MemorySegment sqes;
    final MemorySegment completionHead;
    final MemorySegment completionTail;
    final MemorySegment cqes;
    final SubmissionQueue submissions;
    final CompletionQueue completions;
    private final int entries;

    FakeRing(int entries, int startIndex) {
        this.entries = entries;
        Arena arena = Arena.ofAuto();
        submissionHead = index(arena, startIndex);
        submissionTail = index(arena, startIndex);
        flags = index(arena, 0);
        sqes = arena.allocate((long) entries * SubmissionQueue.SQE_BYTES, 64);
        completionHead = index(arena, startIndex);
        completionTail = index(arena, startIndex);
        cqes = arena.allocate((long) entries * CompletionQueue.CQE_BYTES, 64);
        submissions = new SubmissionQueue(submissionHead, submissionTail, flags, sqes, entries);
        completions = new CompletionQueue(completionHead, completionTail, cqes, entries);
    }

    /** Takes up to {@code count} published SQEs and answers each with its length. */
    int takeAndComplete(int count) {
        int taken = completeAhead(count);
        submissionHead.set(JAVA_INT, 0, submissionHead.get(JAVA_INT, 0) + taken);
        return taken;
    }

    /** As a kernel thread that answers SQEs and has not freed their places yet. */
    int completeAhead(int count) {
        int head = submissionHead.get(JAVA_INT, 0);
        int published = submissionTail.get(JAVA_INT, 0) - head;
        int taken = Math.min(count, published);
        for (int i = 0; i < taken; i++) {
            long sqe = (long) ((head + i) & (entries - 1)) * SubmissionQueue.SQE_BYTES;
            complete(sqes.get(JAVA_LONG, sqe + 32), sqes.get(JAVA_INT, sqe + 24));
        }
        return taken;
    }

    private void complete(long userData, int result) {
        int tail = completionTail.get(JAVA_INT, 0);
        long cqe = (long) (tail & (entries - 1)) * CompletionQueue.CQE_BYTES;
        cqes.set(JAVA_LONG, cqe, userData);
        cqes.set(JAVA_INT, cqe + 8, result);
        completionTail.set(JAVA_INT, 0, tail + 1);
    }

    private static MemorySegment index(Arena arena, int value) {
        MemorySegment index = arena.allocate(JAVA_INT);
        index.set(JAVA_INT, 0, value);
        return index;
    }
}
