package org.sluice.cli;

import org.agrona.concurrent.UnsafeBuffer;
import org.sluice.store.BatchDescriptor;
import org.sluice.store.EdgeNumbers;
import org.sluice.store.HeaderFields;
import org.sluice.store.IndexDescriptor;
import org.sluice.store.SegmentDescriptor;
import org.sluice.store.Signatures;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes the files of a log as no crash does. It knows the format, and makes checksums right after
 * it has changed a field, so that what looks at the fields behind them has something to look at.
 */
final class Forger {
    private static final int INDEX_COUNT = 12;

    private final SplittableRandom random;
    private final Path directory;

    /** A log of somebody else. */
    private final Path otherLog;

    /** A named pipe on the same filesystem. */
    private final Path pipe;

    private final StringBuilder done = new StringBuilder();

    Forger(SplittableRandom random, Path directory, Path otherLog, Path pipe) {
        this.random = random;
        this.directory = directory;
        this.otherLog = otherLog;
        this.pipe = pipe;
    }

    /** What was done. */
    @Override
    public String toString() {
        return done.toString();
    }

    /** Does one thing. */
    void forge() throws IOException {
        Path file = pick(directory);
        if (file == null) {
            note("nothing left");
            return;
        }
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> change(file, "header", this::header);
            case 3, 4, 5, 6 -> change(file, "batch", this::batch);
            case 7, 8 -> change(file, "index", this::index);
            case 9 -> change(file, "flips", this::flips);
            case 10 -> change(file, "length", this::length);
            case 11 -> rename(file);
            case 12 -> swap(file, pick(directory));
            case 13 -> mix(file);
            case 14 -> special(file);
            default -> {
                note("delete " + file.getFileName());
                Files.delete(file);
            }
        }
    }

    private void note(String what) {
        done.append(done.isEmpty() ? "" : "; ").append(what);
    }

    private Path pick(Path from) throws IOException {
        try (var files = Files.list(from)) {
            List<Path> segments =
                    files.filter(file -> file.toString().endsWith(".seg") && isPlain(file))
                            .sorted()
                            .toList();
            return segments.isEmpty() ? null : segments.get(random.nextInt(segments.size()));
        }
    }

    private static boolean isPlain(Path file) {
        return Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS);
    }

    // ---- what is in a file ----

    private interface Change {
        byte[] of(UnsafeBuffer buffer, byte[] bytes);
    }

    private void change(Path file, String what, Change change) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        UnsafeBuffer buffer =
                new UnsafeBuffer(ByteBuffer.allocateDirect(Math.max(8, bytes.length)));
        buffer.putBytes(0, bytes);
        note(what + " of " + file.getFileName());
        Files.write(file, change.of(buffer, bytes));
    }

    private static byte[] bytes(UnsafeBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    private long value(long old) {
        return EdgeNumbers.near(old, random);
    }

    private void putLong(UnsafeBuffer buffer, int at) {
        long value = value(buffer.getLong(at, ByteOrder.LITTLE_ENDIAN));
        note("long at " + at + " = " + value);
        buffer.putLong(at, value, ByteOrder.LITTLE_ENDIAN);
    }

    private void putInt(UnsafeBuffer buffer, int at) {
        int value = (int) value(buffer.getInt(at, ByteOrder.LITTLE_ENDIAN));
        note("int at " + at + " = " + value);
        buffer.putInt(at, value, ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] header(UnsafeBuffer buffer, byte[] bytes) {
        if (bytes.length < SegmentDescriptor.HEADER_SECTOR_BYTES) {
            return bytes;
        }
        if (random.nextBoolean()) {
            putLong(buffer, HeaderFields.anyLong(random));
        } else {
            putInt(buffer, HeaderFields.anyInt(random));
        }
        Signatures.signHeader(buffer);
        return bytes(buffer, bytes.length);
    }

    private byte[] batch(UnsafeBuffer buffer, byte[] bytes) {
        List<Integer> positions = new ArrayList<>();
        for (int at = SegmentDescriptor.HEADER_BYTES;
                at <= bytes.length - BatchDescriptor.HEADER_BYTES;
                at += BatchDescriptor.ENTRY_ALIGN_BYTES) {
            if (buffer.getInt(at, ByteOrder.LITTLE_ENDIAN) == BatchDescriptor.MAGIC) {
                positions.add(at);
            }
        }
        if (positions.isEmpty()) {
            return bytes;
        }
        int position = positions.get(random.nextInt(positions.size()));
        int length = buffer.getInt(position + Long.BYTES, ByteOrder.LITTLE_ENDIAN);
        int reach =
                random.nextInt(3) == 0
                        ? Math.clamp(length, Long.BYTES * 2, bytes.length - position)
                        : BatchDescriptor.HEADER_BYTES + Integer.BYTES;
        int at = position + Long.BYTES + random.nextInt((reach - Long.BYTES) / 4) * 4;
        if (random.nextBoolean() && at + Long.BYTES <= bytes.length) {
            putLong(buffer, at);
        } else if (at + Integer.BYTES <= bytes.length) {
            putInt(buffer, at);
        }
        Signatures.signBatch(buffer, position);
        return bytes(buffer, bytes.length);
    }

    /** Also points that lead back, or nowhere. */
    private byte[] index(UnsafeBuffer buffer, byte[] bytes) {
        int start = bytes.length - IndexDescriptor.indexBytes(SegmentDescriptor.SEGMENT_BYTES_MIN);
        if (start < SegmentDescriptor.HEADER_BYTES
                || buffer.getLong(start, ByteOrder.LITTLE_ENDIAN) != IndexDescriptor.MAGIC) {
            return bytes;
        }
        int points = Math.max(0, buffer.getInt(start + INDEX_COUNT, ByteOrder.LITTLE_ENDIAN));
        int reach =
                IndexDescriptor.HEADER_BYTES
                        + IndexDescriptor.POINT_BYTES * Math.min(points + 1, 100);
        int at = start + INDEX_COUNT + random.nextInt((reach - INDEX_COUNT) / 4) * 4;
        if (random.nextBoolean() && at + Long.BYTES <= bytes.length) {
            putLong(buffer, at);
        } else {
            putInt(buffer, at);
        }
        Signatures.signIndex(buffer, start);
        return bytes(buffer, bytes.length);
    }

    private byte[] flips(UnsafeBuffer buffer, byte[] bytes) {
        for (int left = 1 + random.nextInt(20); left > 0 && bytes.length > 0; left--) {
            int reach = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 8_192);
            bytes[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private byte[] length(UnsafeBuffer buffer, byte[] bytes) {
        return Arrays.copyOf(bytes, random.nextInt(bytes.length * 2 + 1));
    }

    // ---- which files there are ----

    private String name() {
        return switch (random.nextInt(6)) {
            case 0 -> SegmentDescriptor.fileName(Long.MAX_VALUE - random.nextInt(2));
            case 1 -> String.format("%016d.spare", random.nextInt(8));
            case 2 -> "0000000000000000.seg";
            case 3 -> "damaged-" + random.nextInt(4);
            default -> SegmentDescriptor.fileName(1 + random.nextInt(8));
        };
    }

    private void rename(Path file) throws IOException {
        Path target = directory.resolve(name());
        note("rename " + file.getFileName() + " to " + target.getFileName());
        Files.deleteIfExists(target);
        if (Files.exists(file)) {
            Files.move(file, target);
        }
    }

    private void swap(Path file, Path other) throws IOException {
        note("swap " + file.getFileName() + " and " + other.getFileName());
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Files.readAllBytes(other));
        Files.write(other, bytes);
    }

    /** A copy, of a segment of this log or of another's. */
    private void mix(Path file) throws IOException {
        Path source = random.nextBoolean() ? pick(otherLog) : file;
        Path target = directory.resolve(name());
        note("copy " + source + " to " + target.getFileName());
        byte[] bytes = Files.readAllBytes(source);
        Files.deleteIfExists(target);
        Files.write(target, bytes);
    }

    private void special(Path file) throws IOException {
        Path target =
                switch (random.nextInt(4)) {
                    case 0 -> directory.resolve("LOCK");
                    case 1 -> file;
                    default -> directory.resolve(name());
                };
        int kind = random.nextInt(6);
        note("special " + kind + " as " + target.getFileName());
        Files.deleteIfExists(target);
        switch (kind) {
            case 0 -> Files.createSymbolicLink(target, Path.of("/dev/zero"));
            case 1 -> Files.createSymbolicLink(target, target);
            case 2 -> Files.createSymbolicLink(target, pick(otherLog));
            case 3 -> Files.createDirectory(target);
            case 4 -> Files.createLink(target, pipe);
            default -> Files.createFile(target);
        }
    }
}
