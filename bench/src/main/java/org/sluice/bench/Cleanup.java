package org.sluice.bench;

import org.sluice.bench.peer.PeerKind;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is done when the rig itself is ended in the middle: no process and no file stays behind. */
final class Cleanup {
    private static final long WAIT_SECONDS = 10;
    private static final int TRIES = 10;

    private final Path directory;
    private final Thread hook = Thread.ofPlatform().unstarted(this::abandon);

    /** Is ready from here on; everything below {@code directory} is the run's. */
    Cleanup(Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void abandon() {
        List<ProcessHandle> processes = ProcessHandle.current().descendants().toList();
        processes.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : processes) {
            process.onExit().completeOnTimeout(process, WAIT_SECONDS, TimeUnit.SECONDS).join();
        }
        // The round that was cut off clears up too: what one removed, the other then does not find.
        IOException failure = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                clear(processes);
                return;
            } catch (IOException e) {
                failure = e;
            }
        }
        System.err.println("sluice bench: could not remove " + directory + ": " + failure);
    }

    private void clear(List<ProcessHandle> processes) throws IOException {
        for (ProcessHandle process : processes) {
            for (Path left : PeerKind.AERON.leftBehind(process.pid())) {
                Directories.delete(left);
            }
        }
        Directories.delete(directory);
    }

    /** The run came to its end and cleared up itself. */
    void cancel() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Then it does its work now.
        }
    }
}
