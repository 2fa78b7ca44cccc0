package org.sluice.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The inputs that fuzzers begin with, and that each build tries: some sound logs, what fuzzers
 * found to reach code that no other input does, and what once was answered wrongly. One a line, in
 * base 64; see {@link ForgedLog}.
 */
public final class FuzzCorpus {
    private static final String RESOURCE = "fuzz-corpus.txt";

    private FuzzCorpus() {}

    /** All of them. */
    public static List<byte[]> inputs() {
        try (InputStream bytes = FuzzCorpus.class.getResourceAsStream(RESOURCE);
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(bytes, RESOURCE),
                                        StandardCharsets.US_ASCII))) {
            return lines.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .map(Base64.getDecoder()::decode)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
