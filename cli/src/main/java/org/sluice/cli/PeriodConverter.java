package org.sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time such as {@code 500us}, {@code 20ms}, {@code 10s}, {@code 10m}, {@code 1h30m}. */
final class PeriodConverter implements ITypeConverter<Duration> {
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(us|ms|s|m|h|d)");

    @Override
    public Duration convert(String text) {
        Duration period = parse(text);
        if (period == null) {
            throw new TypeConversionException(
                    "'" + text + "' is not a span of time such as 20ms, 10s, 10m or 1h30m");
        }
        return period;
    }

    /** The span, or null if {@code text} is not one. */
    static Duration parse(String text) {
        Duration sum = Duration.ZERO;
        Matcher matcher = PART.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            sum = sum.plus(part(Long.parseLong(matcher.group(1)), matcher.group(2)));
            end = matcher.end();
        }
        return end > 0 && end == text.length() ? sum : null;
    }

    private static Duration part(long count, String unit) {
        return switch (unit) {
            case "us" -> Duration.ofNanos(count * 1_000);
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
