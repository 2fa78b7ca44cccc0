package org.sluice.appender;

import org.HdrHistogram.Histogram;

/**
 * A log's counters since it was opened, as of one moment. They are read one after the other while
 * the log goes on, so that they may differ by what happened in between. The histograms are the
 * caller's own copies.
 *
 * @param entries entries gathered for the disk, aborted ones included
 * @param payloadBytes bytes of those entries
 * @param diskBytes bytes of their batches, with headers and padding; not the zeros behind one
 * @param batches batches submitted
 * @param syncs syncs completed
 * @param rolls segments begun
 * @param rollWaits times the writer waited for a segment to be made ready
 * @param waits times an append or a claim found no free slot, or no free buffer for a longer entry,
 *     and waited; one that waits for both counts twice
 * @param drops entries dropped, with back-pressure DROP
 * @param listenerFailures times an {@code onDurable} listener threw
 * @param isDiskFull whether the disk is full now
 * @param sealedSegments sealed segments kept now
 * @param segmentsReady segments made ready for the writer and not yet begun
 * @param batchEntries how many entries the batches held
 * @param syncNs how long syncs took, ns
 */
public record LogStats(
        long entries,
        long payloadBytes,
        long diskBytes,
        long batches,
        long syncs,
        long rolls,
        long rollWaits,
        long waits,
        long drops,
        long listenerFailures,
        boolean isDiskFull,
        int sealedSegments,
        int segmentsReady,
        Histogram batchEntries,
        Histogram syncNs) {

    /** The counters by name and the histograms by their percentiles; for people, in a few lines. */
    @Override
    public String toString() {
        return """
                LogStats[entries=%d, payloadBytes=%d, diskBytes=%d, batches=%d, syncs=%d,
                  rolls=%d, rollWaits=%d, waits=%d, drops=%d, listenerFailures=%d,
                  isDiskFull=%b, sealedSegments=%d, segmentsReady=%d,
                  batchEntries: %s,
                  syncNs: %s]"""
                .formatted(
                        entries,
                        payloadBytes,
                        diskBytes,
                        batches,
                        syncs,
                        rolls,
                        rollWaits,
                        waits,
                        drops,
                        listenerFailures,
                        isDiskFull,
                        sealedSegments,
                        segmentsReady,
                        percentiles(batchEntries, "entries"),
                        percentiles(syncNs, "ns"));
    }

    /** A histogram's own text holds every one of its counters. */
    private static String percentiles(Histogram histogram, String unit) {
        return "count=%d, p50=%d %5$s, p99=%d %5$s, p99.9=%d %5$s, max=%6$d %5$s"
                .formatted(
                        histogram.getTotalCount(),
                        histogram.getValueAtPercentile(50),
                        histogram.getValueAtPercentile(99),
                        histogram.getValueAtPercentile(99.9),
                        unit,
                        histogram.getMaxValue());
    }
}
