package org.sluice.appender;

/**
 * How {@link LogAnalyzer} goes about it.
 *
 * @param trustsIndexes whether sealed segments are believed without reading their batches
 * @param isLive whether someone may be writing, rolling and deleting meanwhile; then nothing is
 *     acted upon
 * @param stopsAtDamage whether the first damage is all that is asked for
 */
record AnalysisMode(boolean trustsIndexes, boolean isLive, boolean stopsAtDamage) {
    /** Before the log is written to. */
    static final AnalysisMode OPEN = new AnalysisMode(true, false, true);

    /** For a quick look at a log that may be in use. */
    static final AnalysisMode LOOK = new AnalysisMode(true, true, false);

    /** For reading everything of a log that may be in use. */
    static final AnalysisMode VERIFY = new AnalysisMode(false, true, false);

    /** For planning a repair of a log that may be in use. */
    static final AnalysisMode PLAN = new AnalysisMode(false, true, true);

    /** For a repair, with the log's lock. */
    static final AnalysisMode REPAIR = new AnalysisMode(false, false, true);

    /** Whether what is found is to be made ready for being written to. */
    boolean isForOpening() {
        return trustsIndexes && !isLive;
    }
}
