package org.sluice.ring;

import org.sluice.store.AlignedBlock;
import org.sluice.store.AlignedBlockPool;
import org.sluice.store.AsyncFile;
import org.sluice.store.AsyncFile.Reach;
import org.sluice.store.AsyncIo;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes some blocks in turn and prints each result: {@code WriteChild DIRECTORY HOW BLOCK_COUNT
 * BLOCK_BYTES WRITES}, where HOW is direct or buffered, with ", awaited" behind it or not.
 */
final class WriteChild {
    private static final long TIMEOUT_NS = 20_000_000_000L;

    private WriteChild() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        UringOptions options = UringOptions.DEFAULT.withDirect(args[1].startsWith("direct"));
        AlignedBlockPool pool =
                new AlignedBlockPool(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
        UringStorage storage =
                UringStorage.open(
                        directory, StorePermissions.DEFAULT, options, UringProbe.probe(directory));
        storage.directory().create("data").close();
        try (AsyncIo io = storage.openIo(pool, 8);
                AsyncFile file = io.open("data")) {
            for (int i = 0; i < Integer.parseInt(args[4]); i++) {
                AlignedBlock block = pool.block(i % pool.blockCount());
                block.buffer().setMemory(0, block.bytes(), (byte) (i + 1));
                long position = (long) i * block.bytes();
                if (args[1].endsWith("awaited")) {
                    file.writeAwaited(position, block, 0, block.bytes(), i);
                } else {
                    file.writeAt(position, block, 0, block.bytes(), Reach.DURABLE, i);
                }
                while (io.inFlight() > 0) {
                    io.await(WriteChild::print, TIMEOUT_NS);
                }
            }
        }
        // Once more at once: what the first ring had locked must be free again.
        storage.openIo(pool, 8).close();
        Support registered = storage.capabilities().features().get(Feature.REGISTERED_BUFFERS);
        System.out.println("registered=" + registered.available() + "|" + registered.reason());
        System.out.println("remedy=" + registered.remedy());
        System.out.println("size=" + Files.size(directory.resolve("data")));
    }

    private static void print(long tag, int result) {
        System.out.println(tag + "=" + result);
    }
}
