package org.sluice.appender;

/**
 * What a thread of the log does: begins, takes turns until there is nothing left to do, ends.
 * Throws nothing: what goes wrong is its own to keep.
 */
interface Duty {
    /** Once, before the first turn. */
    void begin();

    /** One turn, with the wait after it if nothing was to do; false if there is no other. */
    boolean turn();

    /** Once, after the last turn. */
    void end();
}
