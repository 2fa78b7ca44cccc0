package org.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.store.AppendException;
import org.sluice.store.Capabilities.Support;
import org.sluice.store.Errno;

import java.nio.file.Path;

class RingRefusalTest {
    @ParameterizedTest
    @CsvSource({
        "2, switched off on this machine, io_uring_disabled=0",
        "1, one group, kernel.io_uring_group",
        "0, a filter denies, seccomp profile",
        "'', a filter denies, seccomp profile"
    })
    void deniedPermissionShouldNameWhoDenies(String sysctl, String reason, String remedy) {
        Support support = RingRefusal.ofRing(Errno.EPERM, sysctl);

        assertFalse(support.available());
        assertTrue(support.reason().contains(reason), support.reason());
        assertTrue(support.remedy().contains(remedy), support.remedy());
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.EPERM, Errno.ENOSYS, Errno.ENOMEM, Errno.EMFILE, Errno.EACCES})
    void refusalsWithKnownRemedyShouldTellIt(int errno) {
        Support support = RingRefusal.ofRing(errno, "0");

        assertFalse(support.available());
        assertFalse(support.reason().isEmpty());
        assertFalse(support.remedy().isEmpty());
    }

    /** A library whose structures are others, say: no error number stands for that. */
    @Test
    void failureWithoutNumberShouldSpeakForItself() {
        String message = "liburing's struct io_uring has another layout than Sluice knows";
        AppendException unnumbered = new AppendException(AppendException.Code.UNSUPPORTED, message);

        assertEquals(Support.no(message, ""), RingRefusal.of(unnumbered));
        assertEquals(
                RingRefusal.ofRing(Errno.ENOSYS),
                RingRefusal.of(Errno.exception(Errno.ENOSYS, "make", Path.of("ring"))));
    }

    @Test
    void missingFeatureShouldNameTheKernelThatBroughtIt() {
        Support support = RingRefusal.ofFeature(Errno.EINVAL, "Linux 6.1");

        assertEquals("the kernel is too old: it came with Linux 6.1 (EINVAL)", support.reason());
        assertEquals("run Linux 6.1", support.remedy());
    }
}
