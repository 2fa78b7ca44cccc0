package org.sluice.appender;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchDescriptor;

/** What the races over {@link Slots} share: small slots, entries of one byte value, a look. */
final class RaceSlots {
    static final int SLOTS = 4;
    static final int INLINE_BYTES = 64;
    static final int LONG_BYTES = 256;

    private static final AppendLogConfig CONFIG =
            AppendLogConfig.builder()
                    .slotCount(SLOTS)
                    .slotBytes(INLINE_BYTES)
                    .maxEntryBytes(LONG_BYTES)
                    .overflowCount(1)
                    .build();
    private static final UnsafeBuffer[] ENTRIES = {entry((byte) 1), entry((byte) 2)};

    private RaceSlots() {}

    private static UnsafeBuffer entry(byte value) {
        UnsafeBuffer entry = new UnsafeBuffer(new byte[LONG_BYTES]);
        entry.setMemory(0, LONG_BYTES, value);
        return entry;
    }

    static Slots create() {
        return new Slots(CONFIG);
    }

    /** The bytes of entry 1 or 2. */
    static UnsafeBuffer source(int which) {
        return ENTRIES[which - 1];
    }

    static void append(Slots slots, int which) {
        long sequence = slots.tryClaim();
        slots.putInline(sequence, source(which), 0, INLINE_BYTES);
        slots.publish(sequence);
    }

    static void abort(Slots slots, int which) {
        long sequence = slots.tryClaim();
        UnsafeBuffer view = new UnsafeBuffer(0, 0);
        slots.wrapInline(sequence, view, INLINE_BYTES);
        view.putBytes(0, source(which), 0, INLINE_BYTES / 2);
        slots.putAborted(sequence);
        slots.publish(sequence);
    }

    /** Whether the pool had a buffer for it. */
    static boolean appendLong(Slots slots, int which) {
        OverflowBuffer buffer = slots.takeOverflow();
        if (buffer == null) {
            return false;
        }
        buffer.bytes().putBytes(0, source(which), 0, LONG_BYTES);
        long sequence = slots.tryClaim();
        slots.putOverflow(sequence, buffer, LONG_BYTES);
        slots.publish(sequence);
        return true;
    }

    /** What the writer finds: of each published entry "1", "2", "aborted" or "torn"; or "none". */
    static String gather(Slots slots, long next) {
        long available = slots.available(next);
        StringBuilder found = new StringBuilder();
        for (long sequence = next; sequence <= available; sequence++) {
            found.append(sequence == next ? "" : " ").append(take(slots, sequence));
        }
        if (available >= next) {
            slots.consumed(available);
        }
        return found.isEmpty() ? "none" : found.toString();
    }

    private static String take(Slots slots, long sequence) {
        int length = slots.entryLength(sequence);
        UnsafeBuffer target = new UnsafeBuffer(new byte[Integer.BYTES + LONG_BYTES]);
        if (length == BatchDescriptor.ABORTED) {
            slots.copyEntry(sequence, length, target, 0);
            return "aborted";
        }
        if (length != INLINE_BYTES && length != LONG_BYTES) {
            return "torn";
        }
        slots.copyEntry(sequence, length, target, 0);
        byte value = target.getByte(Integer.BYTES);
        for (int i = 0; i < length; i++) {
            if (target.getByte(Integer.BYTES + i) != value) {
                return "torn";
            }
        }
        return value == 1 || value == 2 ? Integer.toString(value) : "torn";
    }
}
