package org.sluice.appender;

import org.sluice.fallback.ChannelStorage;
import org.sluice.ring.UringStorage;
import org.sluice.store.AppendException;
import org.sluice.store.Backend;
import org.sluice.store.TakenDescriptors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Opens a log with no descriptor free, then with one, and so on until it opens; and lets one roll
 * with none. Says what {@link AppendingChild} says, and "leaked COUNT" where an open that failed
 * kept descriptors.
 */
final class DescriptorsChild {
    private static final int ENTRIES = 1_000;
    private static final ClassLoader LOADER = DescriptorsChild.class.getClassLoader();

    private DescriptorsChild() {}

    /** Arguments: directory, backend. Its limit on descriptors should be low. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        AppendLogConfig config = AppendingChild.config(Backend.valueOf(args[1]));
        for (Class<?> type :
                List.of(
                        AppendLog.class,
                        AppendException.class,
                        UringStorage.class,
                        ChannelStorage.class)) {
            loadAll(type);
        }
        AppendLog.open(directory.resolveSibling("first"), config).close();

        AppendLog[] log = new AppendLog[1];
        boolean isOpen = false;
        for (int free = 0; !isOpen; free++) {
            long before = openDescriptors();
            TakenDescriptors taken = TakenDescriptors.allBut(free);
            isOpen = AppendingChild.told("open", () -> log[0] = AppendLog.open(directory, config));
            taken.giveBackAll();
            if (!isOpen && openDescriptors() != before) {
                System.out.println("leaked " + (openDescriptors() - before));
            }
        }

        AppendingChild.append(log[0], 10);
        TakenDescriptors taken = TakenDescriptors.allBut(0);
        AppendingChild.told("append", () -> AppendingChild.append(log[0], ENTRIES));
        taken.giveBackAll();
        AppendingChild.told("close", log[0]::close);
    }

    /**
     * Loads every class that lies in files beside {@code type}; later that would take descriptors,
     * which it does not from a jar.
     */
    private static void loadAll(Class<?> type) throws Exception {
        Path root = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (!Files.isDirectory(root)) {
            return;
        }
        Path home = root.resolve(type.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                    name = name.substring(0, name.length() - ".class".length());
                    Class.forName(type.getPackageName() + "." + name, false, LOADER);
                }
            }
        }
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }
}
