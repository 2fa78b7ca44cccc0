package org.sluice.ring;

/**
 * How the io_uring backend is to run. What a platform lacks of it is left out where that costs
 * speed only, and an error where it would change what was asked for.
 *
 * @param direct O_DIRECT, where the directory can: past the page cache, which makes room for depth
 * @param sqPoll a kernel thread takes submissions: no system call a batch, one more busy core under
 *     load
 * @param readOnly files are opened for reading only, and the engine may go from thread to thread
 */
public record UringOptions(boolean direct, boolean sqPoll, boolean readOnly) {

    /** What measured best; see the decision record on durability. */
    public static final UringOptions DEFAULT = new UringOptions(true, false, false);

    /** These options with O_DIRECT or without. */
    public UringOptions withDirect(boolean value) {
        return new UringOptions(value, sqPoll, readOnly);
    }

    /** These options with a submitting kernel thread or without. */
    public UringOptions withSqPoll(boolean value) {
        return new UringOptions(direct, value, readOnly);
    }

    /** These options for readers. */
    public UringOptions withReadOnly(boolean value) {
        return new UringOptions(direct, sqPoll, value);
    }
}
