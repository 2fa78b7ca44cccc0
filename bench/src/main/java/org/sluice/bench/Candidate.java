package org.sluice.bench;

import org.sluice.bench.peer.PeerKind;
import org.sluice.bench.peer.SluiceSettings;
import org.sluice.bench.peer.Workload;

/**
 * One of those who run side by side.
 *
 * @param name unique in a run
 * @param settings how Sluice is opened; null for others
 */
public record Candidate(String name, PeerKind kind, SluiceSettings settings) {
    static Candidate of(PeerKind kind) {
        return new Candidate(kind.label(), kind, null);
    }

    static Candidate sluice(SluiceSettings settings) {
        return new Candidate(settings.label(), PeerKind.SLUICE, settings);
    }

    /** The way of an entry, in a line. */
    public String topology(Workload workload) {
        return kind.topology(workload, settings);
    }
}
