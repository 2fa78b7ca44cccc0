package org.sluice.ring.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueuesTest {
    private static final int ENTRIES = 4;

    /**
     * Loops that compare indices with {@code <} break where the 32-bit index wraps or turns
     * negative.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, -3, Integer.MAX_VALUE - 2, -1})
    void queuesShouldWorkAcrossTheWrapOfTheirIndices(int startIndex) {
        FakeRing ring = new FakeRing(ENTRIES, startIndex);

        int reaped = 0;
        for (int i = 0; i < 10 * ENTRIES; i += ENTRIES) {
            for (int j = 0; j < ENTRIES; j++) {
                assertTrue(put(ring.submissions, 100 + i + j, 1000 + i + j));
            }
            assertTrue(ring.submissions.isFull());
            assertFalse(put(ring.submissions, 0, 0));
            assertEquals(ENTRIES, ring.submissions.unsubmitted());
            ring.submissions.publish();
            assertEquals(ENTRIES, ring.takeAndComplete(ENTRIES));
            assertEquals(0, ring.submissions.unsubmitted());
            assertEquals(ENTRIES, ring.completions.ready());
            for (int left = ENTRIES; left > 0; left--) {
                assertEquals(left, ring.completions.ready());
                assertEquals(100 + reaped, ring.completions.userData());
                assertEquals(1000 + reaped, ring.completions.result());
                ring.completions.advance();
                reaped++;
            }
            assertEquals(
                    ring.completionTail.get(JAVA_INT, 0), ring.completionHead.get(JAVA_INT, 0));
        }

        assertEquals(10 * ENTRIES, reaped);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2})
    void whatKernelDidNotTakeShouldStayUnsubmitted(int startIndex) {
        FakeRing ring = new FakeRing(ENTRIES, startIndex);
        for (int i = 0; i < ENTRIES; i++) {
            put(ring.submissions, i, 1);
        }
        ring.submissions.publish();

        ring.takeAndComplete(1);

        assertEquals(ENTRIES - 1, ring.submissions.unsubmitted());
        assertFalse(ring.submissions.isFull());
        assertTrue(put(ring.submissions, ENTRIES, 1));
        assertTrue(ring.submissions.isFull());
    }

    /** Operations that ended, and were followed by others, while the head still lags. */
    @ParameterizedTest
    @ValueSource(ints = {0, -3, Integer.MAX_VALUE - 2})
    void headThatLagsShouldTakeTwiceThePlacesOfWhatIsInFlight(int startIndex) {
        FakeRing ring = new FakeRing(ENTRIES, startIndex);
        int inFlight = ENTRIES / 2;
        for (int i = 0; i < inFlight; i++) {
            assertTrue(put(ring.submissions, i, 1));
        }
        ring.submissions.publish();

        assertEquals(inFlight, ring.completeAhead(inFlight));

        for (int i = 0; i < inFlight; i++) {
            assertEquals(i, ring.completions.userData());
            ring.completions.advance();
            assertTrue(put(ring.submissions, i, 1));
        }
        assertEquals(ENTRIES, ring.submissions.unsubmitted());
        assertFalse(put(ring.submissions, 0, 1));
    }

    @Test
    void putShouldBeInvisibleUntilPublished() {
        FakeRing ring = new FakeRing(ENTRIES, 0);

        put(ring.submissions, 1, 1);

        assertEquals(0, ring.takeAndComplete(1));
        ring.submissions.publish();
        assertEquals(1, ring.takeAndComplete(1));
    }

    /** liburing 2.3 and the kernel leave what an earlier use wrote into an SQE. */
    @Test
    void putShouldWriteAllBytesOfTheEntry() {
        FakeRing ring = new FakeRing(ENTRIES, 0);
        ring.sqes.fill((byte) 0xff);

        ring.submissions.put(5, 1, 7, 0x1_0000_0001L, 0x2_0000_0002L, 512, 2, -9L, 3);

        assertEquals((byte) 5, ring.sqes.get(JAVA_BYTE, 0));
        assertEquals((byte) 1, ring.sqes.get(JAVA_BYTE, 1));
        assertEquals((short) 0, ring.sqes.get(JAVA_SHORT, 2));
        assertEquals(7, ring.sqes.get(JAVA_INT, 4));
        assertEquals(0x1_0000_0001L, ring.sqes.get(JAVA_LONG, 8));
        assertEquals(0x2_0000_0002L, ring.sqes.get(JAVA_LONG, 16));
        assertEquals(512, ring.sqes.get(JAVA_INT, 24));
        assertEquals(2, ring.sqes.get(JAVA_INT, 28));
        assertEquals(-9L, ring.sqes.get(JAVA_LONG, 32));
        assertEquals((short) 3, ring.sqes.get(JAVA_SHORT, 40));
        for (int i = 42; i < SubmissionQueue.SQE_BYTES; i++) {
            assertEquals((byte) 0, ring.sqes.get(JAVA_BYTE, i), "byte " + i);
        }
        assertEquals((byte) 0xff, ring.sqes.get(JAVA_BYTE, SubmissionQueue.SQE_BYTES));
    }

    @Test
    void kernelFlagsShouldBeRead() {
        FakeRing ring = new FakeRing(ENTRIES, 0);
        assertFalse(ring.submissions.needsWakeup());
        assertFalse(ring.submissions.hasHeldCompletions());

        ring.flags.set(JAVA_INT, 0, UringAbi.SQ_NEED_WAKEUP);
        assertTrue(ring.submissions.needsWakeup());
        assertFalse(ring.submissions.hasHeldCompletions());

        ring.flags.set(JAVA_INT, 0, UringAbi.SQ_TASKRUN);
        assertFalse(ring.submissions.needsWakeup());
        assertTrue(ring.submissions.hasHeldCompletions());

        ring.flags.set(JAVA_INT, 0, UringAbi.SQ_CQ_OVERFLOW);
        assertTrue(ring.submissions.hasHeldCompletions());
    }

    private static boolean put(SubmissionQueue queue, long userData, int length) {
        return queue.put(UringAbi.OP_NOP, 0, -1, 0, 0, length, 0, userData, 0);
    }
}
