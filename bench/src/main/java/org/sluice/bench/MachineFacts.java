package org.sluice.bench;

import org.sluice.ring.UringProbe;
import org.sluice.store.Capabilities;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What stands behind the numbers. */
final class MachineFacts {
    private MachineFacts() {}

    /** Facts by name; {@code directory} exists. */
    static Map<String, String> of(Path directory) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        Capabilities capabilities = UringProbe.probe(directory);
        facts.put("system", capabilities.os());
        facts.put("kernel", capabilities.kernel());
        facts.put(
                "processor",
                processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        facts.put("memory", ProcFile.firstLine("/proc/meminfo", "MemTotal:").orElse("unknown"));
        FileStore store = Files.getFileStore(directory);
        facts.put("filesystem", store.type() + " on " + store.name());
        facts.put("device", device(store));
        facts.put(
                "liburing",
                capabilities.liburing() == null ? "not found" : capabilities.liburing());
        Capabilities.Support uring = capabilities.features().get(Capabilities.Feature.IO_URING);
        facts.put("io_uring", uring.available() ? "runs" : uring.reason());
        facts.put("O_DIRECT alignment", capabilities.directAlignBytes() + " B");
        facts.put("JVM", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("JVM flags of each round", String.join(" ", RoundProcess.JVM_FLAGS));
        facts.put("load before (1, 5, 15 min)", load());
        return facts;
    }

    private static String processor() {
        return ProcFile.firstLine("/proc/cpuinfo", "model name")
                .map(value -> value.replaceFirst("^\\s*:\\s*", ""))
                .orElse(System.getProperty("os.arch"));
    }

    private static String load() throws IOException {
        Path path = Path.of("/proc/loadavg");
        if (!Files.isReadable(path)) {
            return "unknown";
        }
        String[] words = Files.readString(path).split(" ", -1);
        return words[0] + ", " + words[1] + ", " + words[2];
    }

    /** Model and kind of the block device, as far as the kernel tells. */
    private static String device(FileStore store) throws IOException {
        Path name = Path.of(store.name()).getFileName();
        if (name == null) {
            return "unknown";
        }
        Path block = Path.of("/sys/class/block", name.toString());
        if (!Files.exists(block)) {
            return name.toString();
        }
        Path disk = block.toRealPath();
        if (!Files.exists(disk.resolve("queue"))) {
            disk = disk.getParent();
        }
        return String.join(
                ", ",
                disk.getFileName().toString(),
                read(disk.resolve("device/model"), "no model name"),
                "scheduler " + read(disk.resolve("queue/scheduler"), "unknown"),
                "cache " + read(disk.resolve("queue/write_cache"), "unknown"),
                read(disk.resolve("queue/logical_block_size"), "?") + " B sectors");
    }

    private static String read(Path file, String otherwise) {
        try {
            return Files.readString(file).strip();
        } catch (IOException notThere) {
            return otherwise;
        }
    }
}
