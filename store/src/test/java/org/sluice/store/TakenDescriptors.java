package org.sluice.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Descriptors that a child process takes away from itself, whose limit should be low, to see what
 * is done without.
 */
public final class TakenDescriptors {
    private final List<FileChannel> taken = new ArrayList<>();

    private TakenDescriptors() {}

    /** Takes all there are but {@code free}. */
    public static TakenDescriptors allBut(int free) throws IOException {
        TakenDescriptors descriptors = new TakenDescriptors();
        try {
            while (true) {
                descriptors.taken.add(FileChannel.open(Path.of("/dev/null")));
            }
        } catch (IOException noMore) {
            descriptors.giveBack(free);
            return descriptors;
        }
    }

    /** Lets go of {@code count} of them. */
    public void giveBack(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            taken.removeLast().close();
        }
    }

    /** Lets go of all that are left. */
    public void giveBackAll() throws IOException {
        giveBack(taken.size());
    }
}
