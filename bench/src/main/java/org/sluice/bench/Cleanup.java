package org.sluice.bench;

import org.sluice.bench.peer.PeerKind;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What is done when the rig itself is ended in the middle: no process and no file stays behind. */
final class Cleanup {
    private static final long WAIT_SECONDS = 10;

    private final Path directory;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean isAbandoned;
    private final Thread hook = Thread.ofPlatform().unstarted(this::abandon);

    /** Is ready from here on; everything below {@code directory} is the run's. */
    Cleanup(Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a process, unless the run is being ended. */
    synchronized Process start(ProcessBuilder builder) throws IOException {
        if (isAbandoned) {
            throw new IOException("the run is being ended");
        }
        return builder.start();
    }

    /** Ends what runs; the run then cannot go on, clears up, and what it left is removed. */
    private void abandon() {
        List<ProcessHandle> processes;
        synchronized (this) {
            isAbandoned = true;
            processes = ProcessHandle.current().descendants().toList();
        }
        processes.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : processes) {
            process.onExit().completeOnTimeout(process, WAIT_SECONDS, TimeUnit.SECONDS).join();
        }
        try {
            if (ended.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                clear(processes);
                return;
            }
            System.err.println("sluice bench: did not end: " + directory + " may be left");
        } catch (IOException e) {
            System.err.println("sluice bench: could not remove " + directory + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void clear(List<ProcessHandle> processes) throws IOException {
        for (ProcessHandle process : processes) {
            for (Path left : PeerKind.AERON.leftBehind(process.pid())) {
                Directories.delete(left);
            }
        }
        Directories.delete(directory);
    }

    /**
     * The run came to its end, one way or the other, and cleared up itself.
     *
     * @return false if the rig is being ended, and what the run left is removed all the same
     */
    boolean cancel() {
        ended.countDown();
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return false;
        }
    }
}
