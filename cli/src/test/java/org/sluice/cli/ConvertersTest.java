package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine.TypeConversionException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

final class ConvertersTest {
    private static final Instant NOW = Instant.parse("2030-06-15T12:00:00Z");

    private final TimeConverter times =
            new TimeConverter(Clock.fixed(NOW, ZoneId.of("Europe/Berlin")));

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "1K, 1024",
        "1k, 1024",
        "256KiB, 262144",
        "1MB, 1048576",
        "3G, 3221225472"
    })
    void sizesShouldBeInPowersOf1024(String text, long bytes) {
        assertEquals(bytes, new ByteSizeConverter().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "1T", "-1", "1.5M", "1 M", "99999999999999999999"})
    void otherSizesShouldBeRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new ByteSizeConverter().convert(text));
    }

    @Test
    void spansShouldAddUp() {
        PeriodConverter periods = new PeriodConverter();

        assertEquals(Duration.ofMinutes(90), periods.convert("1h30m"));
        assertEquals(Duration.ofMillis(20), periods.convert("20ms"));
        assertEquals(Duration.ofNanos(500_000), periods.convert("500us"));
        assertEquals(Duration.ofDays(2), periods.convert("2d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "m", "10 m", "10m5", "-1s", "1y"})
    void otherSpansShouldBeRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new PeriodConverter().convert(text));
    }

    @ParameterizedTest
    @CsvSource({
        "2030-01-31T09:30:00Z, 2030-01-31T09:30:00Z",
        "2030-01-31T09:30:00.123456789Z, 2030-01-31T09:30:00.123456789Z",
        "2030-01-31T09:30:00+05:00, 2030-01-31T04:30:00Z",
        "2030-01-31T09:30-05:00, 2030-01-31T14:30:00Z",
        "2030-01-31T09:30, 2030-01-31T08:30:00Z",
        "2030-01-31 09:30:15, 2030-01-31T08:30:15Z",
        "2030-01-31, 2030-01-30T23:00:00Z",
        "2030-01-31T09:30:00-05:00[America/New_York], 2030-01-31T14:30:00Z",
        "10m, 2030-06-15T11:50:00Z",
        "1d12h, 2030-06-14T00:00:00Z"
    })
    void timesShouldBeInstantsLocalTimesOrAgo(String text, Instant instant) {
        assertEquals(instant, times.convert(text));
    }
}
