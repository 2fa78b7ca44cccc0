package org.sluice.ring;

/**
 * How the io_uring backend is to run. What a platform lacks of it is left out where that costs
 * speed only, and an error where it would change what was asked for.
 *
 * @param direct O_DIRECT, where the directory can: past the page cache, which makes room for depth
 * @param sqPoll a kernel thread takes submissions: no system call a batch, one more busy core under
 *     load
 * @param readOnly files are opened for reading only, and the engine may go from thread to thread
 * @param syncMethod who carries out {@link org.sluice.store.AsyncFile#sync} and {@link
 *     org.sluice.store.AsyncFile#writeAwaited}
 */
public record UringOptions(
        boolean direct, boolean sqPoll, boolean readOnly, SyncMethod syncMethod) {

    /** What measured best; see the decision record on durability. */
    public static final UringOptions DEFAULT =
            new UringOptions(true, false, false, SyncMethod.AUTO);

    /** Who carries out what makes a batch durable that somebody waits for. */
    public enum SyncMethod {
        /**
         * {@link #CALL} where somebody waits and there is nothing better to do meanwhile, {@link
         * #RING} under load and where nobody waits.
         */
        AUTO,
        /**
         * IORING_OP_WRITE and IORING_OP_FSYNC: the kernel's interrupts and workers; the engine's
         * thread goes on meanwhile.
         */
        RING,
        /**
         * pwrite(2), alone and up to 256 KiB, and fdatasync(2), whoever waits: the engine's thread
         * itself, which waits for it inside the submission.
         */
        CALL
    }

    /** These options with O_DIRECT or without. */
    public UringOptions withDirect(boolean value) {
        return new UringOptions(value, sqPoll, readOnly, syncMethod);
    }

    /** These options with a submitting kernel thread or without. */
    public UringOptions withSqPoll(boolean value) {
        return new UringOptions(direct, value, readOnly, syncMethod);
    }

    /** These options for readers. */
    public UringOptions withReadOnly(boolean value) {
        return new UringOptions(direct, sqPoll, value, syncMethod);
    }

    /** These options with another way to sync. */
    public UringOptions withSyncMethod(SyncMethod value) {
        return new UringOptions(direct, sqPoll, readOnly, value);
    }
}
