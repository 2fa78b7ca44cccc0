package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

class LogDamageTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5 | 5 | false | entry 5 is lost",
                "5 | 7 | false | entries 5 to 7 are lost",
                "5 | 4 | false | no entry is lost",
                "0 | -1 | false | entries from 0 on are lost",
                "5 | -1 | false | entries from 5 on are lost",
                "5 | -1 | true | entries from 5 on, if there were any, are lost",
                "-1 | 7 | false | entries up to 7 are lost",
                "-1 | -1 | true | which entries are lost can't be told",
            })
    void lostEntriesShouldBeToldInWords(long first, long last, boolean isUnreadable, String told) {
        LogDamage damage =
                new LogDamage(Path.of("x.seg"), 4096, first, last, "broken", isUnreadable);

        assertEquals(told, damage.lostEntries());
    }
}
