package org.sluice.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The system's own commands, by which a test's filesystem comes and goes. */
final class Mount {
    private static final int COMMAND_S = 60;
    private static final long RELEASE_NS = TimeUnit.SECONDS.toNanos(20);

    private Mount() {}

    /** Returns what the command complained about, or "". */
    static String run(String... command) throws IOException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            // Before its output is read, which would last as long as it does; that fits into a
            // pipe.
            if (!process.waitFor(COMMAND_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return command[0] + " does not end";
            }
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.exitValue() == 0 ? "" : command[0] + ": " + output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Throws what {@link #run} returned, if that is a problem. */
    static void check(String problem) throws IOException {
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    /**
     * Unmounts what is mounted on {@code root}. The kernel lets go of the files of a closed ring a
     * little later, so what is busy is tried again; what stays so does not stay mounted for that.
     */
    static void unmount(Path root) throws IOException {
        long startNs = System.nanoTime();
        String problem;
        do {
            problem = run("umount", root.toString());
        } while (!problem.isEmpty() && System.nanoTime() - startNs < RELEASE_NS);
        if (!problem.isEmpty()) {
            run("umount", "-l", root.toString());
        }
        check(problem);
    }
}
