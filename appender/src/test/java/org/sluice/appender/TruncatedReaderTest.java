package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.sluice.store.AppendException;

import java.util.ArrayList;
import java.util.List;

/** A reader that stands behind what is left of the log must not wait there. */
class TruncatedReaderTest extends LogFixture {
    private final List<Long> found = new ArrayList<>();
    private final EntryHandler toFound =
            (buffer, offset, length, index, timestampNs) -> found.add(index);

    @Test
    void readerShouldBeToldBeforeTheLogHasGrownAgain() {
        try (AppendLog log = open();
                LogReader reader = log.openReader();
                LogReader durable = log.openDurableReader()) {
            for (int i = 0; i < 100; i++) {
                log.append(new byte[10]);
            }
            log.sync();
            poll(reader, 60);
            poll(durable, 60);

            log.truncateAfter(49);
            assertTold(reader);
            assertTold(durable);

            log.append(new byte[10]);
            log.sync();
            found.clear();
            poll(reader, 1);
            poll(durable, 1);
            assertEquals(List.of(50L, 50L), found);
        }
    }

    private void poll(LogReader reader, int count) {
        for (int left = count; left > 0; ) {
            left -= reader.poll(toFound, left);
        }
    }

    private void assertTold(LogReader reader) {
        AppendException thrown =
                assertThrows(AppendException.class, () -> reader.poll(toFound, 10));
        assertEquals(AppendException.Code.INDEX_TRUNCATED, thrown.code());
        assertEquals(50, reader.nextIndex());
    }
}
