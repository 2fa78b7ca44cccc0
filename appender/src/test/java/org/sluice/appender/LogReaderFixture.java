package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.StoreDirectory;

import java.util.ArrayList;
import java.util.List;

/** What the tests of a {@link LogReader} share: one over a directory in memory, and its lines. */
abstract class LogReaderFixture {
    static final long SECOND_NS = 1_000_000_000;

    final List<String> lines = new ArrayList<>();
    final EntryHandler toLines =
            (buffer, offset, length, index, timestampNs) -> {
                byte[] payload = new byte[length];
                buffer.getBytes(offset, payload);
                lines.add(ReadLog.line(index, payload));
            };

    long nowNs;
    long truncations;

    LogReader open(StoreDirectory directory) {
        return new LogReader(directory, () -> Long.MAX_VALUE, () -> truncations, () -> nowNs);
    }

    static List<String> withoutAborted(List<String> expected) {
        return expected.stream().filter(line -> !line.endsWith("aborted")).toList();
    }

    List<String> drain(LogReader reader) {
        lines.clear();
        while (reader.poll(toLines, 3) > 0) {
            nowNs += SECOND_NS;
        }
        return lines;
    }

    AppendException thrown(Code code, Runnable call) {
        AppendException thrown = assertThrows(AppendException.class, call::run);
        assertEquals(code, thrown.code(), thrown.getMessage());
        return thrown;
    }
}
