package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentDescriptor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the tests of {@link Recovery} share: how it ends, checked each time. */
abstract class RecoveryFixture {
    static final String FIRST = SegmentDescriptor.fileName(1);
    static final String SECOND = SegmentDescriptor.fileName(2);
    static final String THIRD = SegmentDescriptor.fileName(3);
    static final int HEADER_BYTES = SegmentDescriptor.HEADER_BYTES;

    /** Recovers, and checks what must be true of any success. */
    static RecoveredLog recover(MemoryDirectory directory) {
        RecoveredLog log = Recovery.recover(directory);

        if (!log.segments().isEmpty()) {
            RecoveredLog.Segment tail = log.segments().getLast();
            String name = SegmentDescriptor.fileName(tail.header().number());
            assertFalse(tail.sealed());
            assertTrue(directory.bytes(name).length <= tail.endPosition());
            assertEquals(log.nextIndex(), tail.nextIndex());
            assertEquals(log.firstIndex(), log.segments().getFirst().header().baseIndex());
        }
        for (RecoveredLog.Segment segment : log.segments()) {
            boolean isTail = segment.equals(log.segments().getLast());
            assertEquals(!isTail, segment.sealed());
        }
        assertEquals(log.segments().size(), directory.list().size());
        RecoveredLog again = Recovery.recover(directory);
        assertEquals(log.segments(), again.segments());
        assertEquals(log.nextIndex(), again.nextIndex());
        return log;
    }

    static AppendException corrupt(MemoryDirectory directory, String what) {
        List<byte[]> before = new ArrayList<>();
        directory.list().forEach(name -> before.add(directory.bytes(name)));

        AppendException thrown =
                assertThrows(
                        AppendException.class, () -> Recovery.recover(directory.readOnly()), what);

        assertEquals(Code.CORRUPT, thrown.code(), thrown.getMessage());
        for (int i = 0; i < before.size(); i++) {
            assertTrue(Arrays.equals(before.get(i), directory.bytes(directory.list().get(i))));
        }
        return thrown;
    }
}
