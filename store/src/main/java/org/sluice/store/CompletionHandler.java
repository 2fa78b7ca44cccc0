package org.sluice.store;

/**
 * Receives what became of submissions; called by {@link AsyncIo#poll} on the thread that polls. It
 * may submit; it must neither poll nor close.
 */
@FunctionalInterface
public interface CompletionHandler {
    /**
     * One submission has ended. Its block belongs to the caller again.
     *
     * @param tag the tag the submission was made with
     * @param result the bytes moved, or a negated {@link Errno}. A write is reported whole or
     *     failed: short writes were resubmitted before this call. A read is short only at the end
     *     of file. A sync reports 0.
     */
    void onCompletion(long tag, int result);
}
