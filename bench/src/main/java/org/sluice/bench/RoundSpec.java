package org.sluice.bench;

import org.sluice.bench.peer.Workload;

/**
 * What one process of its own has to do.
 *
 * @param directory where; made by the process, removed by who started it
 */
record RoundSpec(Candidate candidate, Workload workload, String directory) {}
