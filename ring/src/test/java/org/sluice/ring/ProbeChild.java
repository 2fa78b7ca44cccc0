package org.sluice.ring;

import org.sluice.ring.ffi.Libc;
import org.sluice.store.AppendException;
import org.sluice.store.Capabilities;
import org.sluice.store.Errno;
import org.sluice.store.StorePermissions;

import java.nio.file.Path;

/**
 * Prints what the probe finds, and what opening the storage says, after something was taken away:
 * {@code ProbeChild DIRECTORY nothing|EPERM|ENOSYS|descriptors}.
 */
final class ProbeChild {
    private ProbeChild() {}

    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        switch (args[1]) {
            case "EPERM" -> NativeCalls.denyRings(Errno.EPERM);
            case "ENOSYS" -> NativeCalls.denyRings(Errno.ENOSYS);
            case "descriptors" -> takeAllDescriptors(directory);
            default -> {}
        }
        Capabilities capabilities = UringProbe.probe(directory);
        System.out.println("liburing=" + capabilities.liburing());
        System.out.println("align=" + capabilities.directAlignBytes());
        capabilities
                .features()
                .forEach(
                        (feature, support) ->
                                System.out.println(
                                        String.join(
                                                "|",
                                                feature.name(),
                                                String.valueOf(support.available()),
                                                support.reason(),
                                                support.remedy())));
        System.out.println(open(directory, capabilities));
    }

    private static String open(Path directory, Capabilities capabilities) {
        try {
            UringStorage.open(
                    directory, StorePermissions.DEFAULT, UringOptions.DEFAULT, capabilities);
            return "opened";
        } catch (AppendException e) {
            return e.code() + ": " + e.getMessage();
        }
    }

    /** Loads first what the probe needs: without descriptors no class or library can be. */
    private static void takeAllDescriptors(Path directory) {
        open(directory, UringProbe.probe(directory));
        RingRefusal.ofRing(Errno.EMFILE);
        Errno.exception(Errno.EMFILE, "open", directory);
        while (Libc.open(Path.of("/dev/null"), Libc.O_RDONLY, 0) >= 0) {
            Thread.onSpinWait();
        }
    }
}
