package org.sluice.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files of a log that a fuzzer made up. Its input is not the files, in which a changed byte
 * would only ever break a checksum, but a program that writes them: a run of {@link Instruction}s
 * with operands, of which most append something sound and the others forge a field, a place or a
 * name, with the checksums made right again. Every input is such a program.
 */
public final class ForgedLog {
    private static final long LOG_ID = 0x0123_4567_89AB_CDEFL;
    private static final int INSTRUCTIONS_MAX = 128;
    private static final int SEGMENTS_MAX = 8;
    private static final int ENTRY_BYTES = 24;

    /** What one byte of a program says; what follows it are operands. */
    enum Instruction {
        /** Begins a segment: its flags. */
        BEGIN,
        /** Appends a batch: entries, bytes of each, what is durable. */
        BATCH,
        /** Ends the segment at full size, without an index. */
        END,
        /** Ends the segment with its index. */
        SEAL,
        /** Ends the log in order. */
        CLOSE,
        /** Ends the segment's file behind its last batch. */
        TRIM,
        /** Leaves the segment's file with any size. */
        CUT,
        /** Goes on or back in the segment: how far, entries passed over. */
        MOVE,
        /** Goes on with any index. */
        JUMP,
        /** Goes on at any time. */
        TIME,
        /** Goes back to an earlier segment. */
        PICK,
        /** Forges a field of the header. */
        HEADER,
        /** Forges a word of a batch. */
        FIELD,
        /** Forges a word of the sparse index. */
        POINT,
        /** Forges a word anywhere, and no checksum. */
        WORD,
        /** Makes all checksums of the segment fit it again. */
        SIGN,
        /** Gives the segment's file the name, or the place, of another. */
        FILE
    }

    private static final Instruction[] INSTRUCTIONS = Instruction.values();

    private final FuzzInput input;
    private final List<ForgedSegment> segments = new ArrayList<>();
    private final Map<String, byte[]> moved = new TreeMap<>();
    private ForgedSegment segment;
    private long number;
    private long nextIndex;
    private long durableIndex = -1;
    private long timeNs = 1_000;

    private ForgedLog(byte[] bytes) {
        input = new FuzzInput(bytes);
    }

    /** Runs the program {@code bytes}; every array is one. */
    public static MemoryDirectory of(byte[] bytes) {
        ForgedLog log = new ForgedLog(bytes);
        for (int left = INSTRUCTIONS_MAX; left > 0 && log.input.hasMore(); left--) {
            log.carryOut(INSTRUCTIONS[log.input.next() % INSTRUCTIONS.length]);
        }
        return log.directory();
    }

    private MemoryDirectory directory() {
        MemoryDirectory directory = new MemoryDirectory();
        segments.forEach(made -> directory.put(made.name(), made.content()));
        moved.forEach(
                (name, content) -> {
                    if (content.length > 0) {
                        directory.put(name, content);
                    } else {
                        directory.remove(name);
                    }
                });
        return directory;
    }

    private void carryOut(Instruction instruction) {
        if (segment == null || instruction == Instruction.BEGIN) {
            begin(instruction == Instruction.BEGIN ? input.next() : 0);
        }
        switch (instruction) {
            case BEGIN, END -> {}
            case BATCH -> batch();
            case SEAL -> segment.seal(nextIndex);
            case CLOSE -> close();
            case TRIM -> segment.trim();
            case CUT -> segment.cut(input.nextShort());
            case MOVE -> move();
            case JUMP -> nextIndex = Math.max(0, input.value(nextIndex));
            case TIME -> timeNs = input.value(timeNs);
            case PICK -> segment = segments.get(input.next() % segments.size());
            case HEADER -> segment.forgeHeader(input);
            case FIELD -> segment.forgeBatch(input);
            case POINT -> segment.forgeIndex(input);
            case WORD -> segment.forgeAnything(input);
            case SIGN -> segment.signAll();
            case FILE -> file();
        }
    }

    private void begin(int flags) {
        if (segments.size() == SEGMENTS_MAX) {
            return;
        }
        number += 1 + (flags & 3);
        boolean isPrepared = (flags & 4) != 0;
        segment =
                new ForgedSegment(
                        SegmentBuilder.header(
                                (flags & 64) == 0 ? LOG_ID : ~LOG_ID,
                                number,
                                isPrepared ? -1 : nextIndex,
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                (flags & 8) == 0 ? 8 : 512,
                                flags >> 4 & 3));
        segments.add(segment);
    }

    private void batch() {
        int count = input.next() % 16;
        int length = input.next() * ENTRY_BYTES;
        int claim = input.next();
        long durable =
                switch (claim) {
                    case 0 -> durableIndex;
                    case 1 -> nextIndex - 1;
                    case 2 -> -1;
                    default -> input.value(durableIndex);
                };
        if (segment.batch(count, length, nextIndex, timeNs, durable, 0)) {
            durableIndex = nextIndex - 1;
            nextIndex += count;
            timeNs += 10;
        }
    }

    private void close() {
        segment.batch(0, 0, nextIndex, timeNs, nextIndex - 1, BatchDescriptor.FLAG_CLOSED);
        segment.trim();
    }

    private void move() {
        segment.move((byte) input.next());
        nextIndex += input.next() % 8;
    }

    /** A rename leaves nothing behind, a copy does, and a file can be given no content. */
    private void file() {
        int how = input.next();
        String name =
                switch (how >> 2 & 7) {
                    case 0 -> LogDirectoryLayout.spareName(1 + (how >> 5));
                    case 1 -> SegmentDescriptor.fileName(9_999_999_999_999_999L - (how >> 5));
                    case 2 -> LogDirectoryLayout.DAMAGED_PREFIX + segment.name();
                    default -> SegmentDescriptor.fileName(1 + (how >> 5));
                };
        byte[] content = segment.content();
        switch (how & 3) {
            case 0 -> moved.put(name, content);
            case 1 -> {
                moved.put(segment.name(), new byte[0]);
                moved.put(name, content);
            }
            case 2 -> moved.put(segment.name(), new byte[0]);
            default -> {
                ForgedSegment other = segments.get((how >> 2) % segments.size());
                moved.put(segment.name(), other.content());
                moved.put(other.name(), content);
            }
        }
    }
}
