package org.sluice.appender;

import java.nio.file.Path;

/** Opens a log of many small blocks, whose ring is large, and says over which backend. */
final class ManyBlocksChild {
    private ManyBlocksChild() {}

    /** Argument: the directory. */
    public static void main(String[] args) {
        AppendLogConfig config =
                AppendLogConfig.builder()
                        .blockCount(1024)
                        .blockBytes(8 * 1024)
                        .maxEntryBytes(2_000)
                        .segmentBytes(64 * 1024)
                        .build();
        try (AppendLog log = AppendLog.open(Path.of(args[0]), config)) {
            log.append(new byte[1]);
            log.sync();
            System.out.println("opened over " + log.backend() + ": " + log.backendReason());
        }
    }
}
