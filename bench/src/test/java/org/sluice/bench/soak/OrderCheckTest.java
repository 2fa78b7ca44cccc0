package org.sluice.bench.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.LongStream;

/** What is wrong in a log is seen. */
class OrderCheckTest {
    private static final int BYTES = 43;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BYTES]);
    private final OrderCheck check = new OrderCheck(kept(0));

    /** The first index from {@code index} on that is not given up, and nor is the next. */
    private static long kept(long index) {
        return LongStream.iterate(index, i -> i + 1)
                .filter(i -> !SoakEntry.isAborted(i) && !SoakEntry.isAborted(i + 1))
                .findFirst()
                .orElseThrow();
    }

    private void see(long index, long word) {
        SoakEntry.fill(buffer, BYTES, word);
        check.onEntry(buffer, 0, BYTES, index, 0);
    }

    private void assertRefused(String why, long index, long word) {
        String told =
                assertThrows(IllegalStateException.class, () -> see(index, word)).getMessage();
        assertTrue(told.contains(why), told);
    }

    @Test
    void entriesInOrderShouldPass() {
        long index = kept(0);

        see(index, index);
        see(index + 1, SoakEntry.word(7, 100));

        assertEquals(2, check.checked());
        assertEquals(index + 2, check.nextIndex());
    }

    @Test
    void missingEntryShouldBeSeen() {
        assertRefused("is missing", kept(0) + 1, kept(0) + 1);
    }

    @Test
    void entryOfAnotherIndexShouldBeSeen() {
        assertRefused("is the one of index", kept(0), kept(0) + 1);
    }

    @Test
    void numberLeftOutShouldBeSeen() {
        long index = kept(0);

        see(index, SoakEntry.word(7, 100));

        assertRefused("the one before is 100", index + 1, SoakEntry.word(7, 102));
    }

    @Test
    void entryTwiceShouldBeSeen() {
        see(kept(0), kept(0));

        assertRefused("comes after", kept(0), kept(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 16, 25, 39, 40, 42})
    void changedByteShouldBeSeen(int offset) {
        SoakEntry.fill(buffer, BYTES, kept(0));
        buffer.putByte(offset, (byte) ~buffer.getByte(offset));

        assertThrows(
                IllegalStateException.class,
                () -> SoakEntry.checkedWord(buffer, 0, BYTES, kept(0)));
    }
}
