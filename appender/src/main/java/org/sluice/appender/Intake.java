package org.sluice.appender;

/**
 * The way of an entry into the slots: claim one, fill it, publish it. Arguments were checked by
 * {@link AppendLog}, whose threads these are.
 *
 * <p>What is returned is the entry's index or one of {@link AppendLog}'s negative codes. An entry
 * that meets the end of a run goes into the next one, if there is one.
 *
 * <p>{@code waits} is whether to wait for a slot, as far as the log is configured to.
 */
final class Intake {
    private final LogLifecycle lifecycle;

    Intake(LogLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    /**
     * Copies {@code length} bytes of {@code source}, see {@link SourceBytes}, from {@code offset}.
     */
    long put(Object source, int offset, int length, boolean waits) {
        while (true) {
            Pipeline pipeline = lifecycle.pipeline();
            long code =
                    pipeline.slots().isInline(length)
                            ? putInline(pipeline, source, offset, length, waits)
                            : putOverflow(pipeline, source, offset, length, waits);
            if (code != AppendLog.CLOSED) {
                return code;
            }
            code = lifecycle.afterEnd(pipeline, waits);
            if (code != LogLifecycle.AGAIN) {
                return code;
            }
        }
    }

    private static long putInline(
            Pipeline pipeline, Object source, int offset, int length, boolean waits) {
        long sequence = waits ? pipeline.claim() : pipeline.tryClaim();
        if (sequence < 0) {
            return sequence;
        }
        Slots slots = pipeline.slots();
        boolean isFilled = false;
        try {
            slots.putInline(sequence, source, offset, length);
            isFilled = true;
        } finally {
            if (!isFilled) {
                // A slot never published would hold up all behind it.
                slots.putAborted(sequence);
            }
            pipeline.publish(sequence);
        }
        return pipeline.baseIndex() + sequence;
    }

    private static long putOverflow(
            Pipeline pipeline, Object source, int offset, int length, boolean waits) {
        OverflowBuffer buffer = pipeline.takeOverflow(waits);
        if (buffer == null) {
            return pipeline.overflowCode(waits);
        }
        Slots slots = pipeline.slots();
        boolean isFilled = false;
        try {
            SourceBytes.copy(source, offset, buffer.bytes(), 0, length);
            isFilled = true;
        } finally {
            if (!isFilled) {
                slots.releaseOverflow(buffer);
            }
        }
        long sequence = claimFor(pipeline, buffer, waits);
        if (sequence < 0) {
            return sequence;
        }
        slots.putOverflow(sequence, buffer, length);
        pipeline.publish(sequence);
        return pipeline.baseIndex() + sequence;
    }

    /**
     * Claims a slot for an entry in {@code buffer}, which goes back to its pool if there is none.
     */
    private static long claimFor(Pipeline pipeline, OverflowBuffer buffer, boolean waits) {
        long sequence = AppendLog.CLOSED;
        try {
            sequence = waits ? pipeline.claim() : pipeline.tryClaim();
            return sequence;
        } finally {
            if (sequence < 0) {
                pipeline.slots().releaseOverflow(buffer);
            }
        }
    }

    /** Lets {@code claim} be the place of an entry of {@code length} bytes, to be filled. */
    long begin(int length, EntryClaim claim, boolean waits) {
        while (true) {
            Pipeline pipeline = lifecycle.pipeline();
            long code = begin(pipeline, length, claim, waits);
            if (code != AppendLog.CLOSED) {
                return code;
            }
            code = lifecycle.afterEnd(pipeline, waits);
            if (code != LogLifecycle.AGAIN) {
                return code;
            }
        }
    }

    private static long begin(Pipeline pipeline, int length, EntryClaim claim, boolean waits) {
        Slots slots = pipeline.slots();
        OverflowBuffer buffer = null;
        if (!slots.isInline(length)) {
            buffer = pipeline.takeOverflow(waits);
            if (buffer == null) {
                return pipeline.overflowCode(waits);
            }
        }
        long sequence =
                buffer != null
                        ? claimFor(pipeline, buffer, waits)
                        : waits ? pipeline.claim() : pipeline.tryClaim();
        if (sequence < 0) {
            return sequence;
        }
        claim.begin(pipeline, buffer, sequence, length);
        return claim.index();
    }
}
