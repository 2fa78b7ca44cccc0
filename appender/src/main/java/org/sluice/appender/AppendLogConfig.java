package org.sluice.appender;

import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.sluice.store.Backend;
import org.sluice.store.Preallocation;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How a log is opened. Immutable; made by a {@link Builder}, whose methods explain each value. The
 * next open may differ in anything: a segment keeps its size and its alignment, a file its
 * permissions, and what differs holds from the next segment on.
 *
 * @param createIfMissing see {@link Builder#createIfMissing}
 * @param firstIndex see {@link Builder#firstIndex}
 * @param backend see {@link Builder#backend}
 * @param direct see {@link Builder#direct}
 * @param sqPoll see {@link Builder#sqPoll}
 * @param slotCount see {@link Builder#slotCount}
 * @param slotBytes see {@link Builder#slotBytes}
 * @param maxEntryBytes see {@link Builder#maxEntryBytes}
 * @param overflowCount see {@link Builder#overflowCount}
 * @param blockBytes see {@link Builder#blockBytes}
 * @param blockCount see {@link Builder#blockCount}
 * @param segmentBytes see {@link Builder#segmentBytes}
 * @param preallocate see {@link Builder#preallocate}
 * @param segmentsAhead see {@link Builder#segmentsAhead}
 * @param syncPolicy see {@link Builder#syncPolicy}
 * @param backPressure see {@link Builder#backPressure}
 * @param diskFull see {@link Builder#diskFull}
 * @param producers see {@link Builder#producers}
 * @param idleStrategy see {@link Builder#idleStrategy}
 * @param onWriterStart see {@link Builder#onWriterStart}
 * @param awaitYield see {@link Builder#awaitYield}
 * @param retentionBytes see {@link Builder#retentionBytes}
 * @param retentionAge see {@link Builder#retentionAge}
 * @param filePermissions see {@link Builder#filePermissions}
 * @param epochClock see {@link Builder#epochClock}
 * @param nanoClock see {@link Builder#nanoClock}
 * @param closeTimeout see {@link Builder#closeTimeout}
 */
public record AppendLogConfig(
        boolean createIfMissing,
        long firstIndex,
        Backend backend,
        DirectIo direct,
        boolean sqPoll,
        int slotCount,
        int slotBytes,
        int maxEntryBytes,
        int overflowCount,
        int blockBytes,
        int blockCount,
        long segmentBytes,
        Preallocation preallocate,
        int segmentsAhead,
        SyncPolicy syncPolicy,
        BackPressure backPressure,
        DiskFull diskFull,
        Producers producers,
        Supplier<IdleStrategy> idleStrategy,
        Runnable onWriterStart,
        Duration awaitYield,
        long retentionBytes,
        Duration retentionAge,
        Set<PosixFilePermission> filePermissions,
        EpochNanoClock epochClock,
        NanoClock nanoClock,
        Duration closeTimeout) {

    /**
     * Checks every value and that they fit together.
     *
     * @throws IllegalArgumentException if a value is out of its bounds or two do not fit together
     * @throws NullPointerException if a value is null, naming it
     */
    public AppendLogConfig {
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(direct, "direct");
        Objects.requireNonNull(preallocate, "preallocate");
        Objects.requireNonNull(syncPolicy, "syncPolicy");
        Objects.requireNonNull(backPressure, "backPressure");
        Objects.requireNonNull(diskFull, "diskFull");
        Objects.requireNonNull(producers, "producers");
        Objects.requireNonNull(idleStrategy, "idleStrategy");
        Objects.requireNonNull(onWriterStart, "onWriterStart");
        Objects.requireNonNull(awaitYield, "awaitYield");
        Objects.requireNonNull(retentionAge, "retentionAge");
        Objects.requireNonNull(filePermissions, "filePermissions");
        Objects.requireNonNull(epochClock, "epochClock");
        Objects.requireNonNull(nanoClock, "nanoClock");
        Objects.requireNonNull(closeTimeout, "closeTimeout");
        filePermissions = Set.copyOf(filePermissions);
        ConfigLimits.checkFirstIndex(firstIndex);
        ConfigLimits.checkSlots(slotCount, slotBytes, overflowCount);
        ConfigLimits.checkEntries(maxEntryBytes);
        overflowCount =
                overflowCount == 0 ? ConfigLimits.overflowCountFor(maxEntryBytes) : overflowCount;
        blockBytes = blockBytes == 0 ? ConfigLimits.blockBytesFor(maxEntryBytes) : blockBytes;
        ConfigLimits.checkBlocks(blockBytes, blockCount, maxEntryBytes);
        ConfigLimits.checkSegments(segmentBytes, blockBytes);
        ConfigLimits.checkSegmentsAhead(segmentsAhead);
        ConfigLimits.checkRetention(retentionBytes);
        ConfigLimits.checkDuration("awaitYield", awaitYield);
        ConfigLimits.checkDuration("retentionAge", retentionAge);
        ConfigLimits.checkDuration("closeTimeout", closeTimeout);
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static IdleStrategy defaultIdleStrategy() {
        return new BackoffIdleStrategy(20, 10, 20_000, 1_000_000);
    }

    /** Collects the values of an {@link AppendLogConfig}. Not thread-safe. */
    public static final class Builder {
        private boolean createIfMissing = true;
        private long firstIndex = 0;
        private Backend backend = Backend.AUTO;
        private DirectIo direct = DirectIo.AUTO;
        private boolean sqPoll = false;
        private int slotCount = 16_384;
        private int slotBytes = 1024;
        private int maxEntryBytes = 128 * 1024;
        private int overflowCount = 0;
        private int blockBytes = 0;
        private int blockCount = 16;
        private long segmentBytes = 128L << 20;
        private Preallocation preallocate = Preallocation.AUTO;
        private int segmentsAhead = 2;
        private SyncPolicy syncPolicy = SyncPolicy.ON_DEMAND;
        private BackPressure backPressure = BackPressure.BLOCK;
        private DiskFull diskFull = DiskFull.FAIL;
        private Producers producers = Producers.MULTI;
        private Supplier<IdleStrategy> idleStrategy = AppendLogConfig::defaultIdleStrategy;
        private Runnable onWriterStart = () -> {};
        private Duration awaitYield = Duration.ofMillis(1);
        private long retentionBytes = 0;
        private Duration retentionAge = Duration.ZERO;
        private Set<PosixFilePermission> filePermissions =
                PosixFilePermissions.fromString("rw-------");
        private EpochNanoClock epochClock = SystemEpochNanoClock.INSTANCE;
        private NanoClock nanoClock = SystemNanoClock.INSTANCE;
        private Duration closeTimeout = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Whether opening begins a new log where there is none. If not, a directory that is missing
         * or empty, as that of a filesystem that is not mounted, is refused with NOT_FOUND.
         * Default: true.
         */
        public Builder createIfMissing(boolean value) {
            createIfMissing = value;
            return this;
        }

        /**
         * Index of the first entry of a log that this open begins, from 0 to 2^61: for entries that
         * go on where others ended that are kept elsewhere, as those of a replica that was given a
         * snapshot. Durable once the log is open. A log whose next index is not 0 keeps its own.
         * Default: 0.
         */
        public Builder firstIndex(long value) {
            firstIndex = value;
            return this;
        }

        /**
         * Which machinery writes. The system property {@code sluice.backend} (auto, uring or
         * channel) overrides it. Default: AUTO.
         */
        public Builder backend(Backend value) {
            backend = value;
            return this;
        }

        /** Whether writes bypass the page cache. Default: AUTO. */
        public Builder direct(DirectIo value) {
            direct = value;
            return this;
        }

        /**
         * io_uring's kernel thread takes submissions without a system call, at the price of a core
         * that spins while the log is busy. Default: false.
         */
        public Builder sqPoll(boolean value) {
            sqPoll = value;
            return this;
        }

        /**
         * Slots between producers and the writer, a power of two from 2 to 2^24. Bounds how far
         * producers run ahead of the disk, and with slotBytes the memory for it: slotCount ×
         * slotBytes, rounded up to cache lines, is less than 2 GiB. Default: 16,384.
         */
        public Builder slotCount(int value) {
            slotCount = value;
            return this;
        }

        /**
         * Longest entry in bytes, from 8 to 1 MiB, that needs no overflow buffer. Entries of one
         * size are fastest where this is that size: the slab takes slotCount × slotBytes, rounded
         * up to cache lines, and the less it is the more of it stays in the caches. Default: 1,024.
         */
        public Builder slotBytes(int value) {
            slotBytes = value;
            return this;
        }

        /**
         * Longest entry in bytes, from 1 to 4,152 bytes less than 64 MiB. Bounds overflow buffers
         * and what a reader must hold; an entry never spans two batches. Where it is raised much,
         * blocks grow with it: lower blockCount. Default: 128 KiB.
         */
        public Builder maxEntryBytes(int value) {
            maxEntryBytes = value;
            return this;
        }

        /**
         * Buffers of maxEntryBytes for entries longer than slotBytes that may wait for the writer
         * at once, from 1 to 65,536; allocated when first needed, off-heap, and then kept. 0: as
         * many as 32 MiB hold, from 2 to 256. Default: 0.
         */
        public Builder overflowCount(int value) {
            overflowCount = value;
            return this;
        }

        /**
         * Bytes of a block, and so of the largest write; a multiple of 4,096 from 8,192 to 64 MiB
         * that is 4,152 bytes longer than maxEntryBytes at least. blockBytes × blockCount is less
         * than 2 GiB. 0: 256 KiB, doubled until maxEntryBytes fits. Default: 0.
         */
        public Builder blockBytes(int value) {
            blockBytes = value;
            return this;
        }

        /**
         * Blocks, and so writes in flight at once, from 2 to 1,024. With blockBytes bounds the
         * memory locked for io_uring, which counts against the user's limit (RLIMIT_MEMLOCK, often
         * 8 MiB) for all its logs together. Default: 16, with 256 KiB each 4 MiB.
         */
        public Builder blockCount(int value) {
            blockCount = value;
            return this;
        }

        /**
         * Size of a segment file in bytes, a multiple of 4,096 from 64 KiB to 1 TiB that holds a
         * block of blockBytes beside its header and index. Retention and truncateBefore work by
         * whole segments, and up to 2 × {@link #segmentsAhead} more than hold data exist on disk.
         * After a crash, opening reads the last segment and writes it anew, and any other that was
         * not sealed yet, so this also bounds the time to open. Default: 128 MiB.
         */
        public Builder segmentBytes(long value) {
            segmentBytes = value;
            return this;
        }

        /**
         * How segments are made ready ahead. With AUTO a batch that is not full brings zeros for
         * those that follow it, so that they needn't mark their blocks written: a log that is
         * little loaded writes its bytes twice, and is durable sooner (decision 0019). Default:
         * AUTO.
         */
        public Builder preallocate(Preallocation value) {
            preallocate = value;
            return this;
        }

        /**
         * Segments kept ready ahead of the writer, from 1 to 1,024. One is ready when the log
         * opens, the others as soon as they can be: {@link LogStats#segmentsReady} tells. More of
         * them, with {@link Preallocation#ZERO}, are for a burst that is to come: as many segments'
         * worth of entries then go to blocks that were written before, which is faster than new
         * ones (decision 0017), and their space is taken beforehand. With 1, a log at full speed
         * waits for every second segment. Default: 2.
         */
        public Builder segmentsAhead(int value) {
            segmentsAhead = value;
            return this;
        }

        /** When to sync unasked. Default: ON_DEMAND. */
        public Builder syncPolicy(SyncPolicy value) {
            syncPolicy = value;
            return this;
        }

        /** What append does when all slots are taken. Default: BLOCK. */
        public Builder backPressure(BackPressure value) {
            backPressure = value;
            return this;
        }

        /** What callers see while the disk is full. Default: FAIL. */
        public Builder diskFull(DiskFull value) {
            diskFull = value;
            return this;
        }

        /** How many threads append. Default: MULTI. */
        public Builder producers(Producers value) {
            producers = value;
            return this;
        }

        /**
         * How the writer thread waits when it has nothing to do; asked when the log opens and after
         * each truncateAfter. The default parks, so an idle log costs no core; a waiting caller
         * wakes it, and so does an append where a listener waits. A spinning one saves the wake-up
         * (some 10 µs) and burns a core. One that sleeps for long is not woken in its first turns:
         * it must look up by itself as often as listeners are to be told. Default: Agrona's
         * BackoffIdleStrategy, which parks 20 µs and then longer, up to 1 ms.
         */
        public Builder idleStrategy(Supplier<IdleStrategy> value) {
            idleStrategy = value;
            return this;
        }

        /**
         * Runs on the writer thread, named {@code sluice-writer}, before it does anything else:
         * when the log opens and after each truncateAfter. To pin the thread to a core or to raise
         * its priority, say; it must not use the log. Opening, or truncating, waits for it, and
         * fails if it throws (FAILED, with that as the cause); a log that fails so while truncating
         * has ended. Default: nothing.
         */
        public Builder onWriterStart(Runnable value) {
            onWriterStart = value;
            return this;
        }

        /**
         * How long a caller that waits yields its core and looks again before it parks. On a fast
         * disk being woken takes a good part of what the sync waited for takes; the price is the
         * callers' cores' time meanwhile. Where waits typically take longer than this, or than 200
         * µs for one who is served alone, callers park at once. From zero, which always parks, to
         * 292 years. Default: 1 ms.
         */
        public Builder awaitYield(Duration value) {
            awaitYield = value;
            return this;
        }

        /**
         * Whole old segments are removed while the rest, without the one being written, is at least
         * this many bytes, from 0 up; a full segment counts with its file, one that a truncation
         * ended with what it holds. On disk are less than that and a segment, the one being
         * written, and up to 2 × segmentsAhead. 0: kept for ever. Protects the disk. Default: 0.
         */
        public Builder retentionBytes(long value) {
            retentionBytes = value;
            return this;
        }

        /**
         * Segments whose last entry is older by epochClock are removed, whole; the one being
         * written stays, however old: choose segmentBytes so that one fills well within this time.
         * From zero, which keeps them for ever, to 292 years. Default: Duration.ZERO.
         */
        public Builder retentionAge(Duration value) {
            retentionAge = value;
            return this;
        }

        /**
         * Permissions of the files; a directory created gets the same plus search for whoever may
         * read. Ignored where the platform has none. Default: rw-------.
         */
        public Builder filePermissions(Set<PosixFilePermission> value) {
            filePermissions = value;
            return this;
        }

        /**
         * Wall clock, ns since 1970, behind timestamps and retention by age. Default: the system's.
         */
        public Builder epochClock(EpochNanoClock value) {
            epochClock = value;
            return this;
        }

        /**
         * Monotonic clock behind all that takes its time: gathering, intervals, trying again on a
         * full disk, statistics. It must advance in real time. Default: the system's.
         */
        public Builder nanoClock(NanoClock value) {
            nanoClock = value;
            return this;
        }

        /**
         * How long close may take to write and sync all that was appended, claims still open and a
         * full disk included. What is not durable by then may be lost, and the log has FAILED: too
         * short a time fails a close that only needed longer, and zero nearly always does. A disk
         * that does not answer may keep close a minute more, or until it answers; a segment that is
         * being zeroed ({@link Preallocation#ZERO}), until it is. {@code truncateAfter} waits as
         * long for the disk, and as long again to stop. From zero to 292 years. Default:
         * Duration.ofSeconds(10).
         */
        public Builder closeTimeout(Duration value) {
            closeTimeout = value;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException as {@link AppendLogConfig#AppendLogConfig} does
         */
        public AppendLogConfig build() {
            return new AppendLogConfig(
                    createIfMissing,
                    firstIndex,
                    backend,
                    direct,
                    sqPoll,
                    slotCount,
                    slotBytes,
                    maxEntryBytes,
                    overflowCount,
                    blockBytes,
                    blockCount,
                    segmentBytes,
                    preallocate,
                    segmentsAhead,
                    syncPolicy,
                    backPressure,
                    diskFull,
                    producers,
                    idleStrategy,
                    onWriterStart,
                    awaitYield,
                    retentionBytes,
                    retentionAge,
                    filePermissions,
                    epochClock,
                    nanoClock,
                    closeTimeout);
        }
    }
}
