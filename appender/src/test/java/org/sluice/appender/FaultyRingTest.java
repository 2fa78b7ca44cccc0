package org.sluice.appender;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.Backend;
import org.sluice.store.Errno;

import java.nio.file.Path;

/** What io_uring_enter(2) may answer, in a process of its own. */
final class FaultyRingTest {
    @TempDir private Path temp;

    private FaultyChild child;

    @BeforeEach
    void prepare() {
        LogFixture.require(Backend.URING);
        child = new FaultyChild(temp.resolve("log"), Backend.URING);
    }

    /** The kernel is short of something, or was interrupted: to try again is all there is to do. */
    @ParameterizedTest
    @ValueSource(strings = {"EINTR", "EAGAIN", "EBUSY"})
    void ringThatIsBusyShouldBeEnteredAgain(String errno) throws Exception {
        child.injectWhileListening("io_uring_enter:error=" + errno + ":when=20..40")
                .assertUnharmed();
    }

    /** The kernel lost a completion: nothing of what was in flight may count. */
    @Test
    void ringThatLosesCompletionsShouldEndTheLogForGood() throws Exception {
        assertFails("io_uring_enter:error=EBADR:when=60", Errno.EBADR);
    }

    /** It may be busy for a while, not for ever: waiters must not hang. */
    @Tag("long")
    @Test
    void ringThatStaysBusyShouldEndTheLogForGood() throws Exception {
        assertFails("io_uring_enter:error=EBUSY:when=60+", Errno.EBUSY);
    }

    private void assertFails(String fault, int errno) throws Exception {
        child.injectWhileListening(fault);

        child.assertSaid("append", "FAILED " + errno + " ");
        child.assertSaid("close", "FAILED ");
        child.assertHeld();
    }
}
