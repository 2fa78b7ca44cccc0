package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.sluice.store.LesserPlatform.REASON;

import org.junit.jupiter.api.Test;
import org.sluice.ring.UringProbe;
import org.sluice.store.AppendException;
import org.sluice.store.AppendException.Code;
import org.sluice.store.Backend;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.LesserPlatform;
import org.sluice.store.LogDirectoryLayout;
import org.sluice.store.SmallFilesystem;
import org.sluice.store.Storage;
import org.sluice.store.StorePermissions;

import java.io.IOException;
import java.nio.file.Path;

/** Which storage a log gets, and what it is told where it can't have the one it asked for. */
final class StorageSelectorTest extends LogFixture {
    @Test
    void directThatIsAskedForShouldBeRefusedWithTheReasonWhereThereIsNone() throws IOException {
        try (SmallFilesystem filesystem = SmallFilesystem.mountWithoutDirect(temp)) {
            Path directory = filesystem.root().resolve("log");
            AppendLogConfig config = config().direct(DirectIo.ON).build();

            AppendException refused =
                    assertFails(Code.UNSUPPORTED, () -> AppendLog.open(directory, config));

            assertTrue(
                    refused.getMessage().contains("O_DIRECT was asked for, but "),
                    refused::toString);
            assertEquals(directory, refused.file());
        }
    }

    /** As above, where nothing can be mounted. */
    @Test
    void directThatTheProbeDidNotFindShouldBeRefusedWithItsReason() {
        Capabilities found = LesserPlatform.without(UringProbe.probe(temp), Feature.DIRECT_IO);
        AppendLogConfig any = config().backend(Backend.URING).build();
        AppendLogConfig insisting = config().backend(Backend.URING).direct(DirectIo.ON).build();

        AppendException refused = assertFails(Code.UNSUPPORTED, () -> uring(insisting, found));

        assertEquals("O_DIRECT was asked for, but " + REASON, refused.getMessage());
        assertEquals(Backend.URING, uring(any, found).backend());
    }

    private Storage uring(AppendLogConfig config, Capabilities found) {
        return StorageSelector.uring(temp, config, StorePermissions.DEFAULT, found);
    }

    @Test
    void logThatFellBackShouldTellWhyIoUringDoesNotRun() {
        Capabilities found = LesserPlatform.without(UringProbe.probe(temp), Feature.IO_URING);
        LogDirectoryLayout.prepareForWriting(directory(), StorePermissions.DEFAULT);
        AppendLogConfig config = config().build();
        StorageSelector.Selection selection =
                StorageSelector.automatic(directory(), config, StorePermissions.DEFAULT, found);

        try (AppendLog log = AppendLog.open(selection, config, DutyThread.THREADS, () -> {})) {
            Capabilities told = log.capabilities();

            assertEquals(Backend.CHANNEL, log.backend());
            assertEquals("io_uring does not run here: " + REASON, log.backendReason());
            assertEquals(REASON, told.features().get(Feature.IO_URING).reason());
            assertEquals(found.liburing(), told.liburing());
            assertEquals(found.memlockBytes(), told.memlockBytes());
            assertTrue(told.has(Feature.DIRECTORY_SYNC));
        }
    }

    /** Nobody looked, so nothing is said about the machine. */
    @Test
    void logOverAChannelThatWasAskedForShouldTellOfNoIoUring() {
        try (AppendLog log = open(config().backend(Backend.CHANNEL))) {
            assertFalse(log.capabilities().has(Feature.IO_URING));
        }
    }
}
