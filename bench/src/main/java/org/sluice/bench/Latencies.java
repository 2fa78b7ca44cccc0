package org.sluice.bench;

import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;

/** Histograms of one thread, or of several added up. */
final class Latencies {
    /** What is measured, from the time an entry was due (PACED) or its append began. */
    enum Kind {
        /** Until append returned. */
        ENQUEUE,
        /** Until the thread that writes was awake; IDLE only. */
        WOKEN,
        /** Until that thread had taken it up; IDLE only. */
        TAKEN_UP,
        /** Until the operating system had it. */
        WRITTEN,
        /** Until it was durable. */
        DURABLE,
        /** Until it was read. */
        READ;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final long MAX_NS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final Map<Kind, Histogram> histograms = new EnumMap<>(Kind.class);

    Latencies() {
        for (Kind kind : Kind.values()) {
            histograms.put(kind, emptyHistogram());
        }
    }

    static Histogram emptyHistogram() {
        return new Histogram(MAX_NS, DIGITS);
    }

    Histogram of(Kind kind) {
        return histograms.get(kind);
    }

    static void record(Histogram histogram, long ns) {
        histogram.recordValue(Math.clamp(ns, 0, MAX_NS));
    }

    void add(Latencies other) {
        histograms.forEach((kind, histogram) -> histogram.add(other.of(kind)));
    }

    /** Those that are not empty. */
    Map<String, String> encode() {
        Map<String, String> encoded = new TreeMap<>();
        histograms.forEach(
                (kind, histogram) -> {
                    if (histogram.getTotalCount() > 0) {
                        encoded.put(kind.label(), encode(histogram));
                    }
                });
        return encoded;
    }

    private static String encode(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(java.util.Arrays.copyOf(buffer.array(), length));
    }

    static Histogram decode(String encoded) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(encoded)), MAX_NS);
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("not a histogram: " + e.getMessage(), e);
        }
    }
}
