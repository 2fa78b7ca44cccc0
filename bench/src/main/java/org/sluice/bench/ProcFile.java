package org.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What Linux tells of itself in text files, proc(5). */
final class ProcFile {
    private ProcFile() {}

    /** What follows {@code start} in the first line that begins with it; elsewhere nothing. */
    static Optional<String> firstLine(String file, String start) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(start))
                    .findFirst()
                    .map(line -> line.substring(start.length()).strip());
        } catch (IOException | UncheckedIOException e) {
            // Not Linux, or not allowed: then it is not known.
            return Optional.empty();
        }
    }
}
