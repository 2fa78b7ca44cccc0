package org.sluice.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Over a tree made like sysfs: few machines have a device of each kind. */
class BlockDeviceTest {
    private static final long DISK_8_0 = 0x800;
    private static final long PARTITION_8_1 = 0x801;

    @TempDir Path temporary;

    @Test
    void diskShouldTellItsOwnSector() throws IOException {
        makeDisk("4096\n");

        assertEquals(4096, physicalBytes(DISK_8_0));
    }

    @Test
    void partitionShouldTellTheSectorOfItsDisk() throws IOException {
        makeDisk("4096\n");

        assertEquals(4096, physicalBytes(PARTITION_8_1));
    }

    @Test
    void sectorLargerThanAPageShouldCountAsAPage() throws IOException {
        makeDisk("16384\n");

        assertEquals(4096, physicalBytes(DISK_8_0));
    }

    @Test
    void whatIsNotToldShouldBeUnknown() throws IOException {
        assertEquals(0, physicalBytes(DISK_8_0));
        for (String told : new String[] {"", "none\n", "0\n", "-512\n", "520\n"}) {
            makeDisk(told);

            assertEquals(0, physicalBytes(DISK_8_0), told);
        }
    }

    /** A minor number of more than eight bits stands on both sides of the major one. */
    @Test
    void largeNumbersShouldBeFound() throws IOException {
        Path queue = Files.createDirectories(temporary.resolve("block/259:65793/queue"));
        Files.writeString(queue.resolve("physical_block_size"), "4096\n");

        assertEquals(4096, physicalBytes(0x1011_0301L));
    }

    @Test
    void alignmentShouldNeverShrink() {
        assertEquals(4096, BlockDevice.alignBytes(temporary, 4096));
        assertTrue(BlockDevice.alignBytes(temporary, 512) >= 512);
        assertEquals(512, BlockDevice.alignBytes(temporary.resolve("missing"), 512));
    }

    private int physicalBytes(long device) {
        return BlockDevice.physicalBytes(temporary.resolve("block"), device);
    }

    /** A disk with a partition, and the links to both by their numbers. */
    private void makeDisk(String physicalBytes) throws IOException {
        Path disk = temporary.resolve("devices/sda");
        Files.createDirectories(disk.resolve("queue"));
        Files.createDirectories(disk.resolve("sda1"));
        Files.createDirectories(temporary.resolve("block"));
        Files.writeString(disk.resolve("queue/physical_block_size"), physicalBytes);
        link("8:0", disk);
        link("8:1", disk.resolve("sda1"));
    }

    private void link(String name, Path target) throws IOException {
        Path link = temporary.resolve("block").resolve(name);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
    }
}
