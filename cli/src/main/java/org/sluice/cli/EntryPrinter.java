package org.sluice.cli;

import org.sluice.appender.EntryHandler;

/** Writes entries to standard output in one of the forms that {@code cat} knows. One thread. */
interface EntryPrinter extends EntryHandler {
    /** Nothing follows for now, so the last entry must not wait for what ends it. */
    default void endEntry() {}
}
