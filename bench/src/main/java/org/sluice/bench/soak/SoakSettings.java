package org.sluice.bench.soak;

import org.sluice.store.Backend;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a soak is told.
 *
 * @param directory where its log is; made by it
 * @param durationNs how long it goes on after it has warmed up
 * @param seed of every choice it makes, but not of how threads meet
 * @param producers threads that append
 * @param backends used in turn
 * @param showsProgress whether someone watches
 */
public record SoakSettings(
        Path directory,
        long durationNs,
        long seed,
        int producers,
        List<Backend> backends,
        boolean showsProgress) {

    /** Checks what was asked for. */
    public SoakSettings {
        backends = List.copyOf(backends);
        if (durationNs < 0) {
            throw new IllegalArgumentException("the duration must not be negative: " + durationNs);
        }
        if (producers < 1) {
            throw new IllegalArgumentException("producers must be at least 1: " + producers);
        }
        if (backends.isEmpty()) {
            throw new IllegalArgumentException("no backend to run on");
        }
    }

    /** As the command line of {@link SoakMain}. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        words.add(directory.toString());
        words.add(Long.toString(durationNs));
        words.add(Long.toString(seed));
        words.add(Integer.toString(producers));
        words.add(String.join(",", backends.stream().map(Backend::name).toList()));
        words.add(Boolean.toString(showsProgress));
        return words;
    }

    /** What {@link #words} made. */
    static SoakSettings of(String... words) {
        return new SoakSettings(
                Path.of(words[0]),
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Integer.parseInt(words[3]),
                Arrays.stream(words[4].split(",")).map(Backend::valueOf).toList(),
                Boolean.parseBoolean(words[5]));
    }
}
