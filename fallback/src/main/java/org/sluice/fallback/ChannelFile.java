package org.sluice.fallback;

import org.sluice.store.AlignedBlock;
import org.sluice.store.AppendException;
import org.sluice.store.AsyncFile;
import org.sluice.store.Backend;
import org.sluice.store.FileFaults;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file of a {@link ChannelIo}: submissions go into the engine's window. */
final class ChannelFile implements AsyncFile {
    private final ChannelIo io;
    private final Path path;
    private final FileChannel channel;
    private int inFlight;

    ChannelFile(ChannelIo io, Path path, FileChannel channel) {
        this.io = io;
        this.path = path;
        this.channel = channel;
    }

    @Override
    public boolean writeAt(
            long position, AlignedBlock block, int offset, int length, Reach reach, long tag) {
        return io.submitWrite(this, position, block, offset, length, reach == Reach.DURABLE, tag);
    }

    @Override
    public boolean readAt(long position, AlignedBlock block, int offset, int length, long tag) {
        return io.submitRead(this, position, block, offset, length, tag);
    }

    @Override
    public boolean sync(long tag) {
        return io.submitSync(this, tag);
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw FileFaults.of(e, "ask for the size of", path);
        }
    }

    @Override
    public Backend backend() {
        return Backend.CHANNEL;
    }

    @Override
    public void close() {
        if (inFlight > 0) {
            throw new IllegalStateException(inFlight + " operations of " + path + " are in flight");
        }
        io.forget(this);
        try {
            channel.close();
        } catch (IOException e) {
            throw new AppendException(
                    AppendException.Code.IO, "cannot close " + path + ": " + e, path, e);
        }
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    void submitted() {
        inFlight++;
    }

    void completed() {
        inFlight--;
    }
}
