package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;

/** Calls of the system that fail, and limits that are hit, in a process of its own. */
@EnabledOnOs(OS.LINUX)
final class FaultyCallsTest extends LogFixture {
    /**
     * One error is enough, for good: that the next call succeeds proves nothing. Over io_uring the
     * first is a header that the keeper writes; the last two are the keeper's on both.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pwrite64:error=EIO:when=7",
                "fdatasync:error=EIO:when=20",
                "fsync:error=EIO:when=7",
                "rename:error=EIO:when=3",
            })
    void callThatFailsOnceShouldEndTheLogForGood(String fault) throws Exception {
        FaultyChild child = child().inject(fault);

        assertEquals("OK", child.said("open"));
        child.assertSaid("append", "FAILED ");
        child.assertSaid("close", "FAILED ");
        assertTrue(child.durableIndex() >= 1, child::toString);
        child.assertHeld();
    }

    /** The parent's, which holds the log's own name, and the log's: each of them must be met. */
    @Test
    void directoryThatCannotBeSyncedShouldBeToldAtOpen() throws Exception {
        Path parent = temp.toRealPath();
        int failed = 0;
        while (true) {
            String fault = "fsync:error=EIO:when=" + (failed + 1);
            FaultyChild child = child().injectAtOpen(fault, parent, parent.resolve("log"));
            if (child.said("open").equals("OK")) {
                break;
            }
            child.assertSaid("open", "IO ");
            child.assertHeld();
            failed++;
        }

        assertTrue(failed >= 2, "syncs of directories that were met: " + failed);
    }

    @Test
    void interruptedCallsShouldBeMadeAgain() throws Exception {
        child().inject("pwrite64,fdatasync,writev:error=EINTR:when=5..9").assertUnharmed();
    }

    /**
     * A process that is signalled all the time, say: then blocks are written instead. The first
     * call is the probe's.
     */
    @Test
    void reservationThatIsAlwaysInterruptedShouldBeDoneWithout() throws Exception {
        child().inject("fallocate:error=EINTR:when=2+").assertUnharmed();
    }

    @Test
    void limitOnFilesShouldBeToldAtOpen() throws Exception {
        FaultyChild child =
                child().run(List.of("prlimit", "--fsize=40960"), AppendingChild.class, 1);

        child.assertSaid("open", "IO ");
        String said = child.said("open");
        assertTrue(said.contains("ulimit -f") || said.contains("too large"), said);
        // What is left of the attempt is not in the way.
        open(config()).close();
    }

    /** Each step of opening meets the end of descriptors; then a roll does. */
    @Test
    void lackOfDescriptorsShouldBeToldAndLoseNothing() throws Exception {
        FaultyChild child = child().run(List.of("prlimit", "--nofile=64"), DescriptorsChild.class);

        List<String> opens = child.all("open");
        assertTrue(opens.size() > 3, child::toString);
        assertEquals("OK", opens.getLast());
        for (String refusal : opens.subList(0, opens.size() - 1)) {
            boolean isTold = refusal.contains("descriptors") || refusal.contains("Too many open");
            assertTrue(isTold, refusal);
        }
        assertEquals(List.of(), child.all("leaked"));
        child.assertSaid("append", "FAILED ");
        // Ten before it ran out of them.
        assertTrue(child.durableIndex() >= 9, child::toString);
        child.assertHeld();
    }

    private FaultyChild child() {
        return new FaultyChild(directory(), backend);
    }
}
