package org.sluice.appender;

import org.agrona.DirectBuffer;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * An append-only, durable log in one directory. Many threads append; one writer thread carries
 * everything to disk in batches; whoever needs to know waits, or is told, when an entry is safe.
 *
 * <pre>{@code
 * try (AppendLog log = AppendLog.open(directory)) {
 *     long index = log.append(bytes);
 *     log.awaitDurable(index);
 * }
 * }</pre>
 *
 * <p><b>Index.</b> Entries have indexes, 0-based, without gaps, in the order of the file, given out
 * when an entry is claimed. {@code append} returning means that the entry is on its way, no more;
 * {@code awaitDurable} returning means that it survives a power cut.
 *
 * <p><b>Closing.</b> A log must be closed: until then its threads keep the JVM alive. Neither the
 * end of the JVM nor a signal closes it; a shutdown hook can. Entries that were not durable then
 * may be lost.
 *
 * <p><b>Threads.</b> Appending allocates nothing. All methods may be called by any thread at any
 * time, unless the log was opened for a {@linkplain Producers#SINGLE single producer}. Only the
 * writer thread, on which {@linkplain #onDurable listeners} run, must not wait: there whatever
 * waits for it throws {@link IllegalStateException}.
 *
 * <p><b>Failure.</b> A failed write or sync closes the log for good: waiters, and later calls that
 * append, truncate, or wait for what is not there yet, get an {@link AppendException} with the
 * cause, which {@link #failure} tells too. A full disk does not: see {@link DiskFull}.
 */
public final class AppendLog implements AutoCloseable {
    /**
     * {@code tryAppend}, {@code tryClaim}: no slot, or no buffer for a long entry, is free, or the
     * end of the log is being truncated. Also what {@code append} and {@code claim} return where
     * {@link BackPressure#DROP} is configured.
     */
    public static final long BACK_PRESSURED = -1;

    /** {@code tryAppend}, {@code tryClaim}: the disk is full. */
    public static final long DISK_FULL = -2;

    /** {@code tryAppend}, {@code tryClaim}: the log failed. */
    public static final long FAILED = -3;

    /** {@code tryAppend}, {@code tryClaim}: the log is closed. */
    public static final long CLOSED = -4;

    private final AppendLogConfig config;
    private final LogLifecycle lifecycle;
    private final Intake intake;

    private AppendLog(AppendLogConfig config, LogLifecycle lifecycle) {
        this.config = config;
        this.lifecycle = lifecycle;
        this.intake = new Intake(lifecycle);
    }

    /** Opens a log with the default configuration: see {@link #open(Path, AppendLogConfig)}. */
    public static AppendLog open(Path directory) {
        JvmFlags.check();
        return open(directory, AppendLogConfig.builder().build());
    }

    /**
     * Opens the log in {@code directory}, making the directory if only it is missing, and
     * recovering what a crash left.
     *
     * @throws AppendException LOCKED if someone has it open, CORRUPT if acknowledged data is
     *     damaged, NOT_A_LOG, NOT_FOUND, ACCESS_DENIED, NEWER_FORMAT, UNSUPPORTED (a forced backend
     *     that cannot run), MISSING_JVM_FLAG, DISK_FULL, IO, FAILED (if {@code onWriterStart}
     *     threw)
     */
    public static AppendLog open(Path directory, AppendLogConfig config) {
        JvmFlags.check();
        return new AppendLog(config, LogLifecycle.open(directory, config));
    }

    /**
     * Opens the log in a storage of the caller's choice, its work done by what {@code threads}
     * makes; {@code unlock} runs when it is closed.
     */
    static AppendLog open(
            StorageSelector.Selection selection,
            AppendLogConfig config,
            DutyThread.Maker threads,
            Runnable unlock) {
        return new AppendLog(config, LogLifecycle.start(config, selection, threads, unlock));
    }

    // ---- appending ----

    /**
     * Appends a copy of {@code length} bytes of {@code source} from {@code offset}. The source is
     * the caller's again on return.
     *
     * @return the entry's index; {@link #BACK_PRESSURED} if it was dropped, as configured
     * @throws AppendException BACK_PRESSURED (if so configured, or on the writer thread, which does
     *     not wait) or DISK_FULL (if so configured), ENTRY_TOO_LARGE, CLOSED, FAILED, INTERRUPTED
     *     (while waiting; the thread stays interrupted); in each case nothing was appended. Where
     *     the source itself throws while it is copied, as mapped memory may, its index may be that
     *     of an aborted entry
     * @throws IndexOutOfBoundsException if {@code source} does not have those bytes
     * @throws IllegalStateException if a {@linkplain Producers#SINGLE single producer} has a claim
     *     open
     */
    public long append(DirectBuffer source, int offset, int length) {
        source.boundsCheck(offset, length);
        checkLength(length);
        return checked(intake.put(source, offset, length, true));
    }

    /** Appends a copy of {@code source}: see {@link #append(DirectBuffer, int, int)}. */
    public long append(byte[] source) {
        return append(source, 0, source.length);
    }

    /** Appends a copy of part of {@code source}: see {@link #append(DirectBuffer, int, int)}. */
    public long append(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        checkLength(length);
        return checked(intake.put(source, offset, length, true));
    }

    /**
     * Appends a copy of what remains of {@code source}, whose position moves to its limit: see
     * {@link #append(DirectBuffer, int, int)}.
     */
    public long append(ByteBuffer source) {
        long index = checked(put(source, true));
        source.position(source.limit());
        return index;
    }

    /**
     * As {@link #append(DirectBuffer, int, int)}, but never waits and never throws for the state of
     * the log, whatever is configured. Nothing counts as dropped.
     *
     * @return the index, or {@link #BACK_PRESSURED}, {@link #DISK_FULL}, {@link #FAILED}, {@link
     *     #CLOSED}: nothing was appended
     * @throws AppendException ENTRY_TOO_LARGE
     * @throws IllegalStateException if a {@linkplain Producers#SINGLE single producer} has a claim
     *     open
     */
    public long tryAppend(DirectBuffer source, int offset, int length) {
        source.boundsCheck(offset, length);
        checkLength(length);
        return intake.put(source, offset, length, false);
    }

    /** See {@link #tryAppend(DirectBuffer, int, int)}. */
    public long tryAppend(byte[] source) {
        return tryAppend(source, 0, source.length);
    }

    /** See {@link #tryAppend(DirectBuffer, int, int)}. */
    public long tryAppend(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        checkLength(length);
        return intake.put(source, offset, length, false);
    }

    /**
     * See {@link #tryAppend(DirectBuffer, int, int)}; the position moves only if it was appended.
     */
    public long tryAppend(ByteBuffer source) {
        long index = put(source, false);
        if (index >= 0) {
            source.position(source.limit());
        }
        return index;
    }

    /**
     * Claims room for an entry of {@code length} bytes, to be written in place; waits and throws as
     * {@code append} does. The claim must be committed or aborted soon, by the same thread.
     *
     * @param claim not in use: it becomes the place of this entry
     * @return the entry's index; {@link #BACK_PRESSURED} if there is none and dropping is
     *     configured; the claim is not in use then
     * @throws IllegalStateException if {@code claim} is in use, or a {@linkplain Producers#SINGLE
     *     single producer} has another one open
     */
    public long claim(int length, EntryClaim claim) {
        return checked(begin(length, claim, true));
    }

    /**
     * As {@link #claim}, but never waits: the index or a negative code.
     *
     * @throws AppendException ENTRY_TOO_LARGE
     * @throws IllegalStateException as {@link #claim} does
     */
    public long tryClaim(int length, EntryClaim claim) {
        return begin(length, claim, false);
    }

    private long put(ByteBuffer source, boolean waits) {
        int length = source.remaining();
        checkLength(length);
        return intake.put(source, source.position(), length, waits);
    }

    private long begin(int length, EntryClaim claim, boolean waits) {
        if (length < 0) {
            throw new IllegalArgumentException("length must not be negative: " + length);
        }
        if (claim.isOpen()) {
            throw new IllegalStateException("the claim is in use: commit or abort it first");
        }
        checkLength(length);
        return intake.begin(length, claim, waits);
    }

    // ---- waiting ----

    /**
     * Waits until all that was appended before this call is durable. With several producers that
     * includes claims still open, the caller's own too: it waits until they are committed or
     * aborted.
     *
     * @throws AppendException as {@link #awaitDurable(long)} does
     */
    public void sync() {
        sync(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /** As {@link #sync()}; false if the time is over first. */
    public boolean sync(long timeout, TimeUnit unit) {
        checkSyncs();
        Pipeline pipeline = lifecycle.pipeline();
        return pipeline.awaitAll(pipeline.durable(), unit.toNanos(timeout));
    }

    /**
     * Waits until the entry at {@code index}, and all before it, are durable.
     *
     * @throws AppendException FAILED or CLOSED if that will never be; DISK_FULL, if so configured,
     *     while it can't be (the entry stays queued: wait again); SYNC_DISABLED; INTERRUPTED (the
     *     thread stays interrupted)
     * @throws IllegalArgumentException if no such entry was appended, or {@code truncateAfter} gave
     *     it up
     */
    public void awaitDurable(long index) {
        awaitDurable(index, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /** As {@link #awaitDurable(long)}; false if the time is over first. */
    public boolean awaitDurable(long index, long timeout, TimeUnit unit) {
        checkSyncs();
        Pipeline pipeline = lifecycle.pipeline();
        return pipeline.await(pipeline.durable(), checkIndex(index), unit.toNanos(timeout));
    }

    /**
     * Waits until the entry at {@code index}, and all before it, are with the operating system:
     * they survive kill -9, but not a crash of the host. Makes nobody sync.
     *
     * @throws AppendException as {@link #awaitDurable(long)} does, but for SYNC_DISABLED
     * @throws IllegalArgumentException if no such entry was appended
     */
    public void awaitWritten(long index) {
        awaitWritten(index, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    /** As {@link #awaitWritten(long)}; false if the time is over first. */
    public boolean awaitWritten(long index, long timeout, TimeUnit unit) {
        Pipeline pipeline = lifecycle.pipeline();
        return pipeline.await(pipeline.written(), checkIndex(index), unit.toNanos(timeout));
    }

    /**
     * Calls {@code listener} whenever more is durable, with the highest durable index, until the
     * log is closed or fails, which it is not told: see {@link #failure}. It runs on the writer
     * thread, which writes nothing meanwhile: it must be quick. What it throws is counted and
     * logged. It may append; what waits throws, see above. With a listener the log syncs all the
     * time.
     *
     * @throws AppendException SYNC_DISABLED
     */
    public void onDurable(LongConsumer listener) {
        checkSyncs();
        lifecycle.listeners().add(listener);
    }

    /**
     * Takes back one {@link #onDurable} of this {@code listener}. It may be called once more, by a
     * writer thread that is about to.
     *
     * @return false if it was not there
     */
    public boolean removeOnDurable(LongConsumer listener) {
        return lifecycle.listeners().remove(listener);
    }

    // ---- positions ----

    /** The highest durable index; {@link #firstIndex} - 1 or less if there is none. */
    public long durableIndex() {
        return lifecycle.pipeline().durable().position();
    }

    /**
     * The highest index that the operating system has; as {@link #durableIndex} if there is none.
     */
    public long writtenIndex() {
        return lifecycle.pipeline().written().position();
    }

    /** The lowest index kept, {@link #nextIndex} if there is no entry. */
    public long firstIndex() {
        return lifecycle.firstIndex();
    }

    /** The index the next entry gets. */
    public long nextIndex() {
        return lifecycle.pipeline().nextIndex();
    }

    // ---- truncating and reading ----

    /**
     * Gives up entries before {@code index}, by whole segments: some before it may stay. When it
     * returns their files are gone, durably. Waits for the disk, not for what is being appended.
     *
     * @param index at most {@code nextIndex()}
     * @throws AppendException CLOSED, FAILED, or what the operating system said, which is then for
     *     good, but for DISK_FULL and a want of file descriptors: then call it again
     * @throws IllegalArgumentException if {@code index} lies beyond {@code nextIndex()}
     */
    public void truncateBefore(long index) {
        lifecycle.truncateBefore(index);
    }

    /**
     * Gives up the entries after {@code index}; the next entry gets {@code index + 1}. Waits until
     * all that was appended is durable; appends meanwhile wait. It holds even through a power cut
     * once it has returned. The writer is stopped, a segment begun, and all buffers made anew,
     * which takes milliseconds: it is for rare use. A thread that has a claim open must end it
     * before it appends again, or both wait for each other until {@code closeTimeout} ends the log.
     *
     * <p>An index given up belongs to another entry once it is appended again, and whoever asks
     * about it then, {@code awaitDurable} say, asks about that one. Listeners are not told; the
     * index they are told next may be lower than before. Readers are: see {@link LogReader}.
     *
     * @param index from {@code firstIndex() - 1} to {@code nextIndex() - 1}
     * @throws AppendException BACK_PRESSURED if, within {@code closeTimeout}, claims stay open or
     *     the disk does not take what was appended, DISK_FULL if there is no room for the segment
     *     that says what is void, INTERRUPTED, and in these cases nothing has changed; CLOSED,
     *     FAILED
     * @throws IllegalArgumentException if {@code index} is out of those bounds
     */
    public void truncateAfter(long index) {
        lifecycle.truncateAfter(index);
    }

    /**
     * A reader of what is written, starting at the first entry, for one thread at a time. Close it
     * before or after the log.
     */
    public LogReader openReader() {
        return lifecycle.openReader(Pipeline::written);
    }

    /**
     * As {@link #openReader}, but of what is durable: for whoever must not pass on what a power cut
     * could take back. It makes nobody sync.
     *
     * @throws AppendException SYNC_DISABLED
     */
    public LogReader openDurableReader() {
        checkSyncs();
        return lifecycle.openReader(Pipeline::durable);
    }

    // ---- facts ----

    /** What closed this log for good, or null. Never waits. */
    public AppendException failure() {
        return lifecycle.pipeline().failure();
    }

    /** Counters since the log was opened, as of now; allocates. */
    public LogStats stats() {
        return lifecycle.stats();
    }

    /** The backend that runs. */
    public Backend backend() {
        return lifecycle.storage().backend();
    }

    /** Why this backend runs, in one sentence. */
    public String backendReason() {
        return lifecycle.backendReason();
    }

    /**
     * What the platform can do, as found at open: where {@link Backend#AUTO} fell back, also why
     * io_uring does not run. Where {@link Backend#CHANNEL} was asked for nobody looked at io_uring;
     * {@code org.sluice.ring.UringProbe} does.
     */
    public Capabilities capabilities() {
        return lifecycle.storage().capabilities();
    }

    /**
     * Lets nothing more in, makes all that was appended durable (under NEVER the last file is
     * synced, but nothing counts as durable), and releases the directory. Blocked appends end with
     * CLOSED. Closing again does nothing.
     *
     * @throws AppendException FAILED if the log failed, before or now, as where claims stay open or
     *     the disk stays full for {@code closeTimeout}: what was not durable may be lost or may be
     *     there, so look before appending it again; IO, or another code of the operating system, if
     *     all is durable, but the last file could not be cut to its length. A disk that does not
     *     answer keeps this a minute beyond {@code closeTimeout}, and the directory locked until
     *     the process ends
     */
    @Override
    public void close() {
        lifecycle.close();
    }

    // ---- checks ----

    private void checkLength(int length) {
        if (length > config.maxEntryBytes()) {
            throw new AppendException(
                    Code.ENTRY_TOO_LARGE,
                    "an entry of "
                            + length
                            + " bytes exceeds maxEntryBytes "
                            + config.maxEntryBytes());
        }
    }

    private static long checkIndex(long index) {
        if (index < 0) {
            throw new IllegalArgumentException("index must not be negative: " + index);
        }
        return index;
    }

    private void checkSyncs() {
        if (config.syncPolicy() == SyncPolicy.NEVER) {
            throw new AppendException(
                    Code.SYNC_DISABLED, "the sync policy is NEVER: nothing ever becomes durable");
        }
    }

    /** The index, or the exception that a negative code stands for. */
    private long checked(long indexOrCode) {
        if (indexOrCode >= 0) {
            return indexOrCode;
        }
        if (indexOrCode == BACK_PRESSURED && config.backPressure() == BackPressure.DROP) {
            lifecycle.countDrop();
            return indexOrCode;
        }
        throw lifecycle.pipeline().state().exception(indexOrCode);
    }
}
