package org.sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * A moment: an ISO-8601 instant, with {@code Z} or an offset; a date with or without a time, in the
 * time zone of this machine; or a span of time such as {@code 10m}, counted back from now.
 */
final class TimeConverter implements ITypeConverter<Instant> {
    private final Clock clock;

    /** For picocli. */
    TimeConverter() {
        this(Clock.system(ZoneId.systemDefault()));
    }

    TimeConverter(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Instant convert(String text) {
        try {
            Duration ago = PeriodConverter.parse(text);
            return ago != null ? clock.instant().minus(ago) : moment(text.replace(' ', 'T'));
        } catch (DateTimeException | ArithmeticException notATime) {
            throw new TypeConversionException(
                    "'"
                            + text
                            + "' is not a time such as 2030-01-31T09:30:00Z, 2030-01-31T09:30 or 10m"
                            + " (ten minutes ago)");
        }
    }

    private Instant moment(String text) {
        if (!text.contains("T")) {
            return LocalDate.parse(text).atStartOfDay(clock.getZone()).toInstant();
        }
        if (text.endsWith("Z")) {
            return Instant.parse(text);
        }
        if (text.indexOf('+') >= 0 || text.lastIndexOf('-') > text.indexOf('T')) {
            return text.endsWith("]")
                    ? ZonedDateTime.parse(text).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        }
        return LocalDateTime.parse(text).atZone(clock.getZone()).toInstant();
    }
}
