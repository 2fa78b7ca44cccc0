package org.sluice.appender;

import org.sluice.store.MemoryDirectory;
import org.sluice.store.SegmentBuilder;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.SegmentFile;
import org.sluice.store.SparseIndexBuilder;
import org.sluice.store.StoreFile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A log made by the book in a {@link MemoryDirectory}, with everything about it known: what entries
 * it has, where each batch stands, what each batch claims to be durable.
 */
final class TestLog {
    private static int flips;
    private static int cuts;

    static final long LOG_ID = 0x0123_4567_89AB_CDEFL;

    /** One batch, where it stands and what it says. */
    record Batch(
            long segment, int position, int length, long baseIndex, int count, long durableIndex) {
        int end() {
            return position + length;
        }
    }

    private final MemoryDirectory directory = new MemoryDirectory();
    private final List<byte[]> entries = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();
    private final int alignBytes;
    private final long firstIndex;
    private long number;
    private long clock = 1_000;
    private SegmentBuilder segment;
    private SparseIndexBuilder points;

    TestLog(long firstIndex, int alignBytes) {
        this.firstIndex = firstIndex;
        this.alignBytes = alignBytes;
    }

    /**
     * Three segments, the first sealed, the last orderly closed; batches claim what is two before.
     */
    static TestLog threeSegments(int alignBytes) {
        TestLog log = new TestLog(0, alignBytes);
        log.segment().batch(3).batch(1).batch(2).save(true);
        log.segment().batch(2).batch(4).save(false);
        log.segment().batch(1).batch(2).batch(1).close();
        return log;
    }

    /** Segment 8, with which a truncation lets the log go on at {@code baseIndex}. */
    static SegmentBuilder truncatedTo(long baseIndex) {
        return new SegmentBuilder(
                SegmentBuilder.header(
                        LOG_ID,
                        8,
                        baseIndex,
                        SegmentDescriptor.SEGMENT_BYTES_MIN,
                        8,
                        SegmentDescriptor.FLAG_SUPERSEDES));
    }

    MemoryDirectory directory() {
        return directory;
    }

    List<Batch> batches() {
        return batches;
    }

    long nextIndex() {
        return firstIndex + entries.size();
    }

    /** Begins the next segment. */
    TestLog segment() {
        return segment(0);
    }

    TestLog segment(int flags) {
        number++;
        segment =
                new SegmentBuilder(
                        SegmentBuilder.header(
                                LOG_ID,
                                number,
                                nextIndex(),
                                SegmentDescriptor.SEGMENT_BYTES_MIN,
                                alignBytes,
                                flags));
        points = new SparseIndexBuilder(SegmentDescriptor.SEGMENT_BYTES_MIN);
        return this;
    }

    /**
     * The content of entry {@code index}; every seventh is an aborted one, every fifth is empty.
     */
    static byte[] content(long index) {
        if (index % 7 == 6) {
            return null;
        }
        String text = index % 5 == 4 ? "" : "entry " + index + "-".repeat((int) (index % 11));
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Appends a batch of {@code count} entries that claims what was before the batch before it. */
    TestLog batch(int count) {
        long claimed = batches.size() < 2 ? firstIndex - 1 : batches.getLast().baseIndex() - 1;
        return batch(count, claimed);
    }

    TestLog batch(int count, long durableIndex) {
        byte[][] batch = new byte[count][];
        long base = nextIndex();
        for (int i = 0; i < count; i++) {
            batch[i] = content(base + i);
            entries.add(batch[i]);
        }
        int position = segment.position();
        points.add(base, clock, position);
        segment.batch(clock, durableIndex, batch);
        add(position, base, count, durableIndex);
        return this;
    }

    private void add(int position, long base, int count, long durableIndex) {
        clock += 10;
        int length = segment.buffer().getInt(position + 8, java.nio.ByteOrder.LITTLE_ENDIAN);
        batches.add(new Batch(number, position, length, base, count, durableIndex));
    }

    /** Puts the segment on disk, at full size. */
    TestLog save(boolean sealed) {
        directory.put(name(), segment.bytes());
        return sealed ? seal() : this;
    }

    /** Writes the index into the segment's file. */
    TestLog seal() {
        try (StoreFile file = directory.openForWriting(name())) {
            SegmentFile.writeIndex(
                    file, segment.header(), points, segment.nextIndex(), segment.position());
        }
        return this;
    }

    /** Writes the segment's new batches into its file, as seen by whoever has it open. */
    TestLog flush() {
        if (directory.list().contains(name())) {
            directory.overwrite(name(), segment.bytes());
        } else {
            directory.put(name(), segment.bytes());
        }
        return this;
    }

    /** Ends the log in order: the empty batch, the trimmed file. */
    TestLog close() {
        int position = segment.position();
        segment.closed(clock);
        add(position, nextIndex(), 0, nextIndex() - 1);
        directory.put(name(), segment.trimmed());
        return this;
    }

    String name() {
        return SegmentDescriptor.fileName(number);
    }

    SegmentBuilder builder() {
        return segment;
    }

    /**
     * Whether any batch from {@code position} in {@link #batches} on, but for it, claims its
     * entries.
     */
    boolean isClaimedLater(int position) {
        Batch lost = batches.get(position);
        for (Batch later : batches.subList(position + 1, batches.size())) {
            boolean isSameSegment = later.segment() == lost.segment();
            if (later.durableIndex() >= lost.baseIndex()
                    || (isSameSegment && later.baseIndex() == lost.baseIndex())) {
                return true;
            }
        }
        return false;
    }

    /** What {@link ReadLog#of} makes of the first entries of this log. */
    List<String> expected(long nextIndex) {
        List<String> expected = new ArrayList<>();
        for (long index = firstIndex; index < nextIndex; index++) {
            expected.add(ReadLog.line(index, entries.get((int) (index - firstIndex))));
        }
        return expected;
    }

    /** A copy of the directory with one byte changed. */
    MemoryDirectory flipped(String name, int at, int mask) {
        flips++;
        MemoryDirectory copy = directory.copy();
        byte[] bytes = copy.bytes(name);
        bytes[at] ^= (byte) mask;
        copy.put(name, bytes);
        return copy;
    }

    /** A copy of the directory with a file cut. */
    MemoryDirectory cut(String name, int bytes) {
        cuts++;
        MemoryDirectory copy = directory.copy();
        copy.put(name, Arrays.copyOf(copy.bytes(name), bytes));
        return copy;
    }

    /** Prints how much damage {@code who} did, and begins to count anew. */
    static void tellDamage(String who) {
        System.out.printf("%s: %,d bytes flipped, %,d cuts of a file%n", who, flips, cuts);
        flips = 0;
        cuts = 0;
    }
}
