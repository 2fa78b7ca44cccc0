package org.sluice.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A disk in memory that fails in every way a log has to live with, as a seeded random decides.
 *
 * <p><b>Fault model.</b>
 *
 * <ul>
 *   <li>What is submitted is carried out at any time, in any order, a write perhaps in parts, and
 *       reported any time later, in any order, also across files. The bytes are taken when the
 *       write is carried out, and must still be those submitted.
 *   <li>Any call may fail with EIO, EINTR, EAGAIN or, where it takes space, ENOSPC; a write that
 *       fails may have been carried out in part. A submitted write may also be reported short.
 *   <li>A sync covers the writes that were reported before it was submitted, and no other. After
 *       one that fails it is open, for each 512-byte sector it covered, whether it is durable,
 *       still dirty, marked clean without being durable (so that no later sync writes it), or
 *       forgotten at once.
 *   <li>A power cut, at any step and inside of any call, leaves of each sector not known to be
 *       durable the old or the new bytes, of a size the old or the new, and of a name created,
 *       changed or removed since the directory was synced either all or nothing. A write under way
 *       may have been carried out for any of its sectors.
 *   <li>When only the process goes, what was reported stays, and what is under way may still be
 *       carried out.
 *   <li>A file made of another one holds its old bytes. Space is counted by the page; it can run
 *       out and come back at any time.
 * </ul>
 *
 * <p>What was reported written and then covered by a successful sync, or written through, stays in
 * all cases. One thread.
 */
public final class SimulatedDisk {
    private static final long CUT_NEVER = Long.MAX_VALUE;

    private final Path path;
    private final Random random;
    private final DiskEvents events;
    private final List<SimulatedIo> engines = new ArrayList<>();
    private final Set<DiskCall> failing = EnumSet.noneOf(DiskCall.class);
    private final Set<Integer> errnosGiven = new TreeSet<>();

    private MemoryDirectory memory = new MemoryDirectory();
    private long capacityBytes = Long.MAX_VALUE;
    private long stepsToCut = CUT_NEVER;
    private int faultsOneIn;
    private boolean isOff;
    private boolean mayFail;
    private boolean mustFail;
    private boolean wasFull;
    private boolean hasForgotten;

    /** An empty disk; {@code path} is for messages. */
    public SimulatedDisk(Path path, Random random, DiskEvents events) {
        this.path = path;
        this.random = random;
        this.events = events;
    }

    // ---- what the simulation decides ----

    /** From now on one in {@code oneIn} of these calls fails. */
    public void fail(Set<DiskCall> calls, int oneIn) {
        failing.clear();
        failing.addAll(calls);
        faultsOneIn = oneIn;
    }

    /** No more faults, and space enough. */
    public void heal() {
        failing.clear();
        stepsToCut = CUT_NEVER;
        capacityBytes = Long.MAX_VALUE;
    }

    /** No space from now on, but for this. */
    public void fill(long freeBytes) {
        capacityBytes = memory.allocatedBytes() + freeBytes;
        wasFull = true;
        events.tell(() -> "the disk has " + freeBytes + " bytes left");
    }

    /** There is space again. */
    public void free() {
        capacityBytes = Long.MAX_VALUE;
        events.tell(() -> "the disk has space");
    }

    /** Whether space was short at any time of this life. */
    public boolean wasFull() {
        return wasFull || gave(Errno.ENOSPC);
    }

    /** The power goes inside of the call after {@code steps} others. */
    public void cutAfter(long steps) {
        stepsToCut = steps;
    }

    /** The power goes now. */
    public void cut() {
        if (!isOff) {
            isOff = true;
            events.count(DiskEvents.POWER_CUT);
            events.tell(() -> "the power goes");
            for (SimulatedIo engine : engines) {
                engine.tear();
            }
        }
    }

    /** Whether the power went. */
    public boolean isOff() {
        return isOff;
    }

    /** The process goes, or has gone when the power went; what it left on its way may happen. */
    public void endProcess() {
        if (!isOff) {
            events.count(DiskEvents.KILL);
            events.tell(() -> "the process goes");
            for (SimulatedIo engine : engines) {
                engine.tear();
            }
        }
        engines.clear();
    }

    /** The power is back. */
    public void restart() {
        List<String> before = memory.list();
        memory = memory.powerCut(random);
        if (!memory.list().equals(before)) {
            events.count(DiskEvents.NAMES_LOST);
        }
        isOff = false;
        stepsToCut = CUT_NEVER;
    }

    /** The next log is opened: whatever fails from now on is its own. */
    public void beginLife() {
        mayFail = false;
        mustFail = false;
        wasFull = false;
        hasForgotten = false;
        errnosGiven.clear();
    }

    /** Whether something failed that a log may fail by. */
    public boolean mayFail() {
        return mayFail;
    }

    /** Whether something failed that a log must fail by. */
    public boolean mustFail() {
        return mustFail;
    }

    /** Whether a failed sync may have forgotten what was written. */
    public boolean hasForgotten() {
        return hasForgotten;
    }

    /** Whether a call was answered with this error. */
    public boolean gave(int errno) {
        return errnosGiven.contains(errno);
    }

    /** The directory, to be looked at without faults. */
    public MemoryDirectory memory() {
        return memory;
    }

    /** A storage on this disk. */
    public Storage storage(SimulatedStorage.Traits traits) {
        return new SimulatedStorage(this, traits);
    }

    // ---- what happens in calls ----

    Path path() {
        return path;
    }

    Random random() {
        return random;
    }

    DiskEvents events() {
        return events;
    }

    void opened(SimulatedIo engine) {
        engines.add(engine);
    }

    void closed(SimulatedIo engine) {
        engines.remove(engine);
    }

    void requirePower() {
        if (isOff) {
            throw new AppendException(AppendException.Code.IO, "the power is off");
        }
    }

    MemoryInode find(String name) {
        if (!memory.list().contains(name)) {
            throw Errno.exception(Errno.ENOENT, "open", path.resolve(name));
        }
        return memory.find(name);
    }

    /** One step nearer to the power cut; whether this is it. */
    boolean isCutNow() {
        requirePower();
        return stepsToCut != CUT_NEVER && stepsToCut-- <= 0;
    }

    /** The error that this call is to fail with, or 0. */
    int errnoFor(DiskCall call) {
        if (!failing.contains(call) || random.nextInt(faultsOneIn) != 0) {
            return 0;
        }
        int[] errnos = call.errnos();
        return errnos[random.nextInt(errnos.length)];
    }

    /** A call was answered with {@code errno}. */
    void failed(DiskCall call, int errno) {
        events.count(DiskEvents.failure(call, errno));
        events.tell(() -> DiskEvents.failure(call, errno));
        errnosGiven.add(errno);
        mayFail |= errno != Errno.ENOSPC || !call.outlivesDiskFull();
    }

    /** A completion was handed out that a log must not survive. */
    void toldFatal(int errno) {
        errnosGiven.add(errno);
        mayFail = true;
        mustFail = true;
    }

    /** A sync of {@code covered} fails. */
    void failSync(MemoryInode inode, BitSet covered) {
        if (inode.failSync(covered, random) > 0) {
            hasForgotten = true;
            events.count(DiskEvents.PAGES_LOST);
        }
    }

    /** Whether there is space for {@code bytes} more. */
    boolean hasSpace(long bytes) {
        return bytes == 0 || usableBytes() >= bytes;
    }

    void ranFull() {
        events.count(DiskEvents.DISK_FULL);
    }

    long usableBytes() {
        return capacityBytes == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, capacityBytes - memory.allocatedBytes());
    }
}
