package org.sluice.bench;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as one types them. */
final class Quantities {
    private static final Pattern FORM = Pattern.compile("(\\d+)\\s*([a-zA-Z]*)");

    private Quantities() {}

    private record Parsed(long number, String unit) {}

    private static Parsed parse(String text, String what) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches() || matcher.group(1).length() > 15) {
            throw new TypeConversionException(what + ": '" + text + "'");
        }
        return new Parsed(
                Long.parseLong(matcher.group(1)), matcher.group(2).toLowerCase(Locale.ROOT));
    }

    /** {@code 256}, {@code 64K}, {@code 128M}, {@code 1G}: bytes, by 1,024. */
    static final class Bytes implements ITypeConverter<Long> {
        private static final String WHAT = "not a number of bytes, such as 256, 64K or 128M";

        @Override
        public Long convert(String text) {
            Parsed parsed = parse(text, WHAT);
            int shift =
                    switch (parsed.unit()) {
                        case "", "b" -> 0;
                        case "k", "kb", "kib" -> 10;
                        case "m", "mb", "mib" -> 20;
                        case "g", "gb", "gib" -> 30;
                        default -> throw new TypeConversionException(WHAT + ": '" + text + "'");
                    };
            return Math.multiplyExact(parsed.number(), 1L << shift);
        }
    }

    /** {@code 1000}, {@code 500k}, {@code 2M}: a count, by 1,000. */
    static final class Count implements ITypeConverter<Long> {
        private static final String WHAT = "not a count, such as 1000, 500k or 2M";

        @Override
        public Long convert(String text) {
            Parsed parsed = parse(text, WHAT);
            long factor =
                    switch (parsed.unit()) {
                        case "" -> 1;
                        case "k" -> 1_000;
                        case "m" -> 1_000_000;
                        default -> throw new TypeConversionException(WHAT + ": '" + text + "'");
                    };
            return Math.multiplyExact(parsed.number(), factor);
        }
    }

    /** {@code 5s}, {@code 500ms}, {@code 2m}: a duration, in ns. */
    static final class Nanos implements ITypeConverter<Long> {
        private static final String WHAT = "not a duration, such as 5s, 500ms or 2m";

        @Override
        public Long convert(String text) {
            Parsed parsed = parse(text, WHAT);
            TimeUnit unit =
                    switch (parsed.unit()) {
                        case "", "s" -> TimeUnit.SECONDS;
                        case "ms" -> TimeUnit.MILLISECONDS;
                        case "us" -> TimeUnit.MICROSECONDS;
                        case "m", "min" -> TimeUnit.MINUTES;
                        default -> throw new TypeConversionException(WHAT + ": '" + text + "'");
                    };
            return unit.toNanos(parsed.number());
        }
    }
}
