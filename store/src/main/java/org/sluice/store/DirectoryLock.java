package org.sluice.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The right to write in a directory: one process, and one log in it, holds it at a time. It ends
 * with {@link #close} or with the process, whatever way that ends.
 *
 * <p>Design note: between processes it is a lock on the file LOCK. A POSIX lock belongs to the
 * process and goes when <em>any</em> descriptor of the file is closed, so a second attempt from the
 * same process must not even open the file. The register of what this process holds is therefore
 * asked first. It goes by the directory's device and inode, for one directory can have several
 * paths, and is kept in the system properties because those are one per process, while a static
 * field is one per class loader. Where the register was lost, or its key is another, as with
 * filesystems that change their device's number, the descriptor of a second attempt is never
 * closed.
 *
 * <p>LOCK is never deleted: two processes could come to hold locks on two files of that name.
 */
public final class DirectoryLock implements AutoCloseable {
    private static final String REGISTER_PREFIX = "org.sluice.lock:";
    private static final int CONTENT_BYTES_MAX = 32;

    /** Closing one of these would end the lock that this process holds through another. */
    private static final Queue<FileChannel> NEVER_CLOSED = new ConcurrentLinkedQueue<>();

    /**
     * What this process holds: the collector would close the channel of a lock that nobody refers
     * to any more, while the threads of its log go on writing.
     */
    private static final Set<DirectoryLock> HELD = ConcurrentHashMap.newKeySet();

    private final String key;
    private final FileChannel channel;
    private boolean closed;

    private DirectoryLock(String key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /**
     * Takes the lock of an existing directory, without waiting.
     *
     * @throws AppendException with code LOCKED if it is held, naming the process that holds it
     */
    public static DirectoryLock acquire(Path directory, StorePermissions permissions) {
        Path file = directory.resolve(LogDirectoryLayout.LOCK);
        try {
            String key = REGISTER_PREFIX + identity(directory);
            if (System.getProperties().putIfAbsent(key, "held") != null) {
                throw locked(directory, ProcessHandle.current().pid() + ", this one");
            }
            FileChannel channel = null;
            try {
                channel = Uninterrupted.call(() -> lock(file, permissions));
            } finally {
                if (channel == null) {
                    System.getProperties().remove(key);
                }
            }
            DirectoryLock lock = new DirectoryLock(key, channel);
            HELD.add(lock);
            return lock;
        } catch (IOException e) {
            throw FileFaults.ofWrite(e, "lock", file, 0);
        }
    }

    private static Object identity(Path directory) throws IOException {
        Object key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
        return key != null ? key : directory.toRealPath();
    }

    private static FileChannel lock(Path file, StorePermissions permissions) throws IOException {
        FileChannel channel = open(file, permissions);
        boolean isKept = false;
        try {
            if (channel.tryLock() == null) {
                throw locked(file.getParent(), holder(channel));
            }
            writeHolder(channel);
            isKept = true;
            return channel;
        } catch (OverlappingFileLockException e) {
            isKept = NEVER_CLOSED.add(channel);
            throw locked(file.getParent(), ProcessHandle.current().pid() + ", this one");
        } finally {
            if (!isKept) {
                channel.close();
            }
        }
    }

    private static FileChannel open(Path file, StorePermissions permissions) throws IOException {
        Set<OpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(
                file, options, StorePermissions.attributes(file, permissions.file()));
    }

    /** For the message another process gets; not worth failing for where the disk is full. */
    private static void writeHolder(FileChannel channel) {
        byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
        } catch (IOException e) {
            // The lock holds; its holder is "unknown".
        }
    }

    /** The holder writes its pid after it has the lock, so for a moment it may not stand there. */
    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(CONTENT_BYTES_MAX);
        channel.read(content, 0);
        String text = new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII);
        return text.matches("[0-9]+\n") ? text.trim() : "unknown";
    }

    private static AppendException locked(Path directory, String pid) {
        return new AppendException(
                AppendException.Code.LOCKED,
                "the log " + directory + " is open for writing already, by process " + pid,
                directory,
                null);
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            // First the file, then the register: never may a second attempt open it in between.
            channel.close();
        } catch (IOException e) {
            throw new AppendException(AppendException.Code.IO, "cannot release the lock: " + e, e);
        } finally {
            System.getProperties().remove(key);
            HELD.remove(this);
        }
    }
}
