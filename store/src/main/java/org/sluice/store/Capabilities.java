package org.sluice.store;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What this platform, and the directory of a log on it, can do: found by trying, never by guessing
 * from version numbers.
 *
 * @param os operating system and architecture
 * @param kernel kernel version
 * @param liburing version of the liburing found, or null
 * @param directAlignBytes alignment O_DIRECT asks for in the log's directory, 0 where it can't be
 *     had
 * @param memlockBytes the limit on locked memory (RLIMIT_MEMLOCK), {@link #UNLIMITED} or {@link
 *     #UNKNOWN}
 * @param features whether each {@link Feature} is there, and why not; every feature has a value
 */
public record Capabilities(
        String os,
        String kernel,
        String liburing,
        int directAlignBytes,
        long memlockBytes,
        Map<Feature, Support> features) {

    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** The limit could not be read. */
    public static final long UNKNOWN = -1;

    /** Things a platform may lack. */
    public enum Feature {
        /** io_uring as a whole: library found, ring created, a write went through. */
        IO_URING("io_uring"),
        /** Buffers pinned once instead of at every write. */
        REGISTERED_BUFFERS("registered buffers"),
        /** Files looked up once instead of at every write. */
        REGISTERED_FILES("registered files"),
        /** The ring's own descriptor registered. */
        REGISTERED_RING("registered ring fd"),
        /** IORING_SETUP_SUBMIT_ALL, Linux 5.18. */
        SUBMIT_ALL("setup SUBMIT_ALL"),
        /** IORING_SETUP_COOP_TASKRUN, Linux 5.19. */
        COOP_TASKRUN("setup COOP_TASKRUN"),
        /** IORING_SETUP_SINGLE_ISSUER, Linux 6.0. */
        SINGLE_ISSUER("setup SINGLE_ISSUER"),
        /** IORING_SETUP_DEFER_TASKRUN, Linux 6.1. */
        DEFER_TASKRUN("setup DEFER_TASKRUN"),
        /** IORING_SETUP_SQPOLL: a kernel thread that takes submissions without a system call. */
        SQPOLL("setup SQPOLL"),
        /** O_DIRECT in the log's directory. */
        DIRECT_IO("O_DIRECT"),
        /** fallocate(2) in the log's directory. */
        RESERVE_SPACE("fallocate"),
        /** fsync of a directory, which makes new names durable; told by the platform, not tried. */
        DIRECTORY_SYNC("directory fsync");

        private final String label;

        Feature(String label) {
            this.label = label;
        }

        /** The name the field uses. */
        public String label() {
            return label;
        }
    }

    /**
     * Whether a feature is there.
     *
     * @param available it was tried and works
     * @param reason why not, in one sentence; a detail worth telling if available; else ""
     * @param remedy what would bring it, or ""
     */
    public record Support(boolean available, String reason, String remedy) {
        /** It works. */
        public static Support yes() {
            return new Support(true, "", "");
        }

        /** It works, and this is worth knowing. */
        public static Support yes(String detail) {
            return new Support(true, detail, "");
        }

        /**
         * As far as is known it works: that the disk was full when it was tried says nothing about
         * what it can do.
         */
        public static Support yesOnFullDisk() {
            return yes("the disk was full when a write was tried");
        }

        /** It does not work. */
        public static Support no(String reason, String remedy) {
            return new Support(false, reason, remedy);
        }
    }

    /** Copies the map; a feature that was not looked at is "no". */
    public Capabilities {
        EnumMap<Feature, Support> copy = new EnumMap<>(Feature.class);
        for (Feature feature : Feature.values()) {
            copy.put(feature, features.getOrDefault(feature, Support.no("not probed", "")));
        }
        features = Collections.unmodifiableMap(copy);
    }

    /** The same, but for what is known better about some features by now. */
    public Capabilities with(Map<Feature, Support> corrections) {
        Map<Feature, Support> corrected = new EnumMap<>(features);
        corrected.putAll(corrections);
        return new Capabilities(os, kernel, liburing, directAlignBytes, memlockBytes, corrected);
    }

    /** Whether {@code feature} can be used. */
    public boolean has(Feature feature) {
        return features.get(feature).available();
    }
}
