package org.sluice.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers for people, the same in every locale. */
final class Figures {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private Figures() {}

    /** 1234567 → {@code 1,234,567}. */
    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** {@code 1 entry}, {@code 2 entries}. */
    static String entries(long value) {
        return counted(value, "entry", "entries");
    }

    /** {@code 1 batch}, {@code 2 batches}. */
    static String counted(long value, String one, String many) {
        return count(value) + " " + (value == 1 ? one : many);
    }

    /** 1234567 → {@code 1.2 MB}, in powers of 1,000. */
    static String bytes(double value) {
        if (value < 1_000) {
            return String.format(Locale.ROOT, "%.0f B", value);
        }
        String[] units = {"kB", "MB", "GB", "TB", "PB"};
        double scaled = value / 1_000;
        int unit = 0;
        while (scaled >= 999.95 && unit < units.length - 1) {
            scaled /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", scaled, units[unit]);
    }

    /** A duration in the unit that fits: {@code 850 ns}, {@code 12.3 us}, {@code 4.5 ms}. */
    static String duration(long ns) {
        if (ns < 1_000) {
            return ns + " ns";
        }
        if (ns < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f us", ns / 1e3);
        }
        if (ns < NS_PER_SECOND) {
            return String.format(Locale.ROOT, "%.1f ms", ns / 1e6);
        }
        return String.format(Locale.ROOT, "%.2f s", ns / 1e9);
    }

    /** How often something happens in a second. */
    static double perSecond(long count, long durationNs) {
        return count * (double) NS_PER_SECOND / Math.max(1, durationNs);
    }

    /** A timestamp as ISO-8601, to the microsecond. */
    static String time(long epochNs) {
        return instant(epochNs).truncatedTo(ChronoUnit.MICROS).toString();
    }

    static Instant instant(long epochNs) {
        return Instant.ofEpochSecond(
                Math.floorDiv(epochNs, NS_PER_SECOND), Math.floorMod(epochNs, NS_PER_SECOND));
    }
}
