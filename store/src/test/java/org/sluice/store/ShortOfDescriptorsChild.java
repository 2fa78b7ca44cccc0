package org.sluice.store;

import org.agrona.collections.MutableLong;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * A process whose descriptors run out while its keeper makes segments ready: what the keeper does
 * then, a line a step. Its limit on descriptors should be low.
 */
final class ShortOfDescriptorsChild {
    private static final long LATER_NS = 1_000_000_000;

    private ShortOfDescriptorsChild() {}

    /** Argument: an empty directory. */
    public static void main(String[] args) throws IOException {
        MutableLong nanoTime = new MutableLong();
        FileSystemDirectory directory = new FileSystemDirectory(Path.of(args[0]));
        SegmentKeeper keeper = keeper(directory, 1, nanoTime);
        rehearse(directory);
        KeeperFixture.doAllWork(keeper);
        keeper.onOpened();
        keeper.takePrepared();

        TakenDescriptors taken = TakenDescriptors.allBut(0);
        tell("none free", keeper);
        System.out.println("sync: " + errnoOfSync(directory));
        nanoTime.addAndGet(LATER_NS);
        taken.giveBack(1);
        tell("one free", keeper);
        nanoTime.addAndGet(LATER_NS);
        taken.giveBackAll();
        tell("all free", keeper);

        SegmentKeeper ofOpenLog = keeper(directory, 100, nanoTime);
        ofOpenLog.onOpened();
        taken = TakenDescriptors.allBut(0);
        tell("first turn, none free", ofOpenLog);
        nanoTime.addAndGet(LATER_NS);
        taken.giveBackAll();
        tell("second turn, all free", ofOpenLog);

        while (keeper.takePrepared() != null) {
            nanoTime.addAndGet(LATER_NS);
        }
        TakenDescriptors.allBut(0);
        tell("awaited, none free", keeper);
    }

    private static SegmentKeeper keeper(
            FileSystemDirectory directory, long nextNumber, MutableLong nanoTime) {
        return new SegmentKeeper(
                directory,
                KeeperFixture.settings(2, 0, 0),
                KeeperFixture.LOG_ID,
                List.of(),
                0,
                nextNumber,
                nanoTime::get,
                nanoTime::get,
                () -> {});
    }

    /** Loads the classes of faults, which would take descriptors when there are none. */
    private static void rehearse(FileSystemDirectory directory) {
        directory.list();
        try {
            Descriptors.open("open", directory.path(), ShortOfDescriptorsChild::fail);
        } catch (IOException expected) {
            Errno.exception(Errno.EMFILE, "open", directory.path(), expected);
        }
    }

    private static FileChannel fail() throws IOException {
        throw new IOException("rehearsed");
    }

    private static void tell(String step, SegmentKeeper keeper) {
        keeper.doWork();
        String state = keeper.failure() == null ? "goes on" : "failed";
        System.out.println(step + ": " + keeper.readyCount() + " ready, " + state);
    }

    private static int errnoOfSync(FileSystemDirectory directory) {
        try {
            directory.sync();
            return 0;
        } catch (AppendException thrown) {
            return thrown.errno();
        }
    }
}
