package org.sluice.fallback;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A channel over a real one that moves only a few bytes at a time, insists on alignment as O_DIRECT
 * does, fails when told to, and counts.
 */
final class StubbornChannel extends FileChannel {
    private final FileChannel target;
    private final int alignBytes;

    /** Most bytes a call moves. */
    int bytesMax = Integer.MAX_VALUE;

    /** Bytes that can still be written before writes move nothing more. */
    long room = Long.MAX_VALUE;

    boolean failsReads;
    boolean failsWrites;
    boolean failsForces;
    int writeCount;
    int forceCount;
    boolean forcedMetadata;

    StubbornChannel(FileChannel target, int alignBytes) {
        this.target = target;
        this.alignBytes = alignBytes;
    }

    @Override
    public int read(ByteBuffer destination, long position) throws IOException {
        failIf(failsReads);
        requireAligned(position, destination.remaining());
        int limit = destination.limit();
        destination.limit(destination.position() + Math.min(destination.remaining(), bytesMax));
        int count = target.read(destination, position);
        destination.limit(limit);
        return count;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        failIf(failsWrites);
        writeCount++;
        requireAligned(position, source.remaining());
        return move(source, position, Math.min(bytesMax, room));
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        failIf(failsWrites);
        writeCount++;
        long start = target.position();
        long most = Math.min(bytesMax, room);
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            requireAligned(start, sources[i].remaining());
            count += move(sources[i], start + count, most - count);
        }
        return count;
    }

    private int move(ByteBuffer source, long position, long most) throws IOException {
        int limit = source.limit();
        int count = (int) Math.min(source.remaining(), most);
        source.limit(source.position() + count);
        target.write(source, position);
        source.limit(limit);
        room -= count;
        return count;
    }

    private void requireAligned(long position, int length) throws IOException {
        if (((position | length) & (alignBytes - 1)) != 0) {
            throw new IOException("not aligned: " + position + ", " + length);
        }
    }

    private static void failIf(boolean fails) throws IOException {
        if (fails) {
            throw new IOException("as asked for");
        }
    }

    @Override
    public void force(boolean metadata) throws IOException {
        failIf(failsForces);
        forceCount++;
        forcedMetadata |= metadata;
        target.force(metadata);
    }

    @Override
    public long position() throws IOException {
        return target.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        target.position(newPosition);
        return this;
    }

    @Override
    public long size() throws IOException {
        return target.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        target.close();
    }

    @Override
    public int read(ByteBuffer destination) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] destinations, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel other) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }
}
