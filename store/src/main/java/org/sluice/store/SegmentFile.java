package org.sluice.store;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

import java.nio.ByteBuffer;

/** The few things done to a segment's file as a whole; stateless. */
public final class SegmentFile {
    private SegmentFile() {}

    /**
     * Reads the header of a segment.
     *
     * @return null if there is no intact header, and so perhaps never was one
     * @throws AppendException NEWER_FORMAT; CORRUPT if the header is intact but can't be true
     */
    public static SegmentDescriptor.Header readHeader(
            StoreDirectory directory, String name, StoreFile file) {
        UnsafeBuffer buffer = newBuffer(SegmentDescriptor.HEADER_BYTES);
        int length = readFully(file, buffer.byteBuffer(), 0);
        if (length < SegmentDescriptor.HEADER_BYTES || !SegmentDescriptor.isValid(buffer, 0)) {
            return null;
        }
        int version = SegmentDescriptor.version(buffer, 0);
        if (version > SegmentDescriptor.VERSION) {
            throw fault(
                    AppendException.Code.NEWER_FORMAT,
                    directory,
                    name,
                    " was written in format "
                            + version
                            + "; this version of Sluice reads up to "
                            + SegmentDescriptor.VERSION);
        }
        SegmentDescriptor.Header header = version < 1 ? null : SegmentDescriptor.decode(buffer, 0);
        if (header == null) {
            throw fault(
                    AppendException.Code.CORRUPT,
                    directory,
                    name,
                    " has a header whose values can't be true");
        }
        if (header.number() != SegmentDescriptor.numberOf(name)
                && header.number() != LogDirectoryLayout.spareNumberOf(name)) {
            throw fault(
                    AppendException.Code.CORRUPT,
                    directory,
                    name,
                    " holds segment " + header.number() + ": it was renamed or copied");
        }
        return header;
    }

    /** Writes a header over the first page, without syncing it. */
    public static void writeHeader(StoreFile file, SegmentDescriptor.Header header) {
        UnsafeBuffer buffer = newBuffer(SegmentDescriptor.HEADER_BYTES);
        SegmentDescriptor.encode(buffer, 0, header);
        file.write(buffer.byteBuffer(), 0);
    }

    /**
     * Makes a segment's batches durable, then writes its sparse index, and syncs it. A segment made
     * without room for one, or with more than any index takes, as only a forged header can ask for,
     * goes without.
     *
     * @throws AppendException DISK_FULL only if it was the index that found no room: the batches
     *     are safe then
     */
    public static void writeIndex(
            StoreFile file,
            SegmentDescriptor.Header header,
            SparseIndexBuilder points,
            long nextIndex,
            long endPosition) {
        if (header.indexBytes() < IndexDescriptor.indexBytes(header.segmentBytes())
                || header.indexBytes() > IndexDescriptor.INDEX_BYTES_MAX) {
            return;
        }
        UnsafeBuffer buffer = points.encode(header, nextIndex, endPosition);
        syncBatches(file);
        file.write(buffer.byteBuffer(), header.indexPosition());
        file.sync();
    }

    /**
     * A sync that failed may have dropped what it was to make durable, whatever the reason: space
     * would not bring it back, so a full disk is no excuse.
     */
    private static void syncBatches(StoreFile file) {
        try {
            file.sync();
        } catch (AppendException thrown) {
            if (thrown.code() != AppendException.Code.DISK_FULL) {
                throw thrown;
            }
            throw new AppendException(
                    AppendException.Code.IO,
                    thrown.getMessage(),
                    thrown.file(),
                    thrown.index(),
                    thrown.errno(),
                    thrown);
        }
    }

    /**
     * Fills {@code target} as far as the file goes.
     *
     * @return bytes read; less than asked for only at the end of the file
     * @throws AppendException also if only a part can be read
     */
    static int readFully(StoreFile file, ByteBuffer target, long position) {
        int length = 0;
        int count;
        // A short read may have stopped at a place that can't be read: the next one tells.
        while (target.hasRemaining() && (count = file.read(target, position + length)) > 0) {
            length += count;
        }
        return length;
    }

    /** A page-aligned buffer with its {@link UnsafeBuffer#byteBuffer()}. */
    static UnsafeBuffer newBuffer(int bytes) {
        ByteBuffer memory = BufferUtil.allocateDirectAligned(bytes, AlignedBlockPool.PAGE_BYTES);
        return new UnsafeBuffer(memory);
    }

    private static AppendException fault(
            AppendException.Code code, StoreDirectory directory, String name, String what) {
        return new AppendException(code, name + what, directory.path().resolve(name), null);
    }
}
