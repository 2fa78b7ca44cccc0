package org.sluice.appender;

import java.util.List;

/** The mistakes that the simulation must find. */
final class Mutants {
    private static final String APPENDER = "appender/src/main/java/org/sluice/appender/";
    private static final String STORE = "store/src/main/java/org/sluice/store/";

    /** Else what is found would be that the same is acknowledged again, not that it is early. */
    private static final String ONLY_FORWARD =
            "if (syncTargetIndex > durableIndex) { raiseDurable(syncTargetIndex); }";

    private Mutants() {}

    /** No mistake: what is found then is the fault of the machinery. */
    static Mutant none() {
        return Mutant.of("no mistake", APPENDER + "Durability.java", "int doWork(", "int doWork(");
    }

    static List<Mutant> all() {
        return List.of(
                Mutant.of(
                                "acknowledge before the sync",
                                APPENDER + "Durability.java",
                                "return work + sync(active, writtenIndex, nowNs, isClosing);",
                                "int done = sync(active, writtenIndex, nowNs, isClosing);"
                                        + " raiseDurable(writtenIndex); return work + done;")
                        .and("raiseDurable(syncTargetIndex);", ONLY_FORWARD),
                Mutant.of(
                        "acknowledge a roll before the old segment is synced",
                        APPENDER + "Durability.java",
                        "ActiveSegment segment = rolledOut.peek();\n        if",
                        "ActiveSegment segment = null;\n        if"),
                Mutant.of(
                                "acknowledge what is written",
                                APPENDER + "Durability.java",
                                "writtenWaiters.raise(writtenIndex);",
                                "writtenWaiters.raise(writtenIndex);"
                                        + " if (policy.kind() != SyncPolicy.Kind.NEVER)"
                                        + " { raiseDurable(writtenIndex); }")
                        .and("raiseDurable(syncTargetIndex);", ONLY_FORWARD),
                Mutant.of(
                        "go on after a failed sync, and sync again",
                        APPENDER + "Durability.java",
                        "if (result < 0) {",
                        "if (result < 0) { return; } if (result < -1000) {"),
                Mutant.of(
                        "count completions that overtook others",
                        APPENDER + "Writer.java",
                        "write.state = Write.State.DONE;",
                        "write.state = Write.State.DONE; durability.onWritten(write);"),
                Mutant.of(
                        "ignore a short write",
                        APPENDER + "Writer.java",
                        "if (result == write.length) {",
                        "if (result >= 0) {"),
                Mutant.of(
                        "drop a write that the full disk refused",
                        APPENDER + "Writer.java",
                        "Errno.isDiskFull(-result) && isMarked) {",
                        "Errno.isDiskFull(-result)) {"),
                Mutant.of(
                                "free a block before its write is done",
                                APPENDER + "Writer.java",
                                "pool.release(write.block);\n        write.block = null;",
                                "write.block = null;")
                        .and(
                                "block.handOver();\n        write.submit(tag);",
                                "block.handOver(); write.submit(tag); pool.release(write.block);"),
                Mutant.of(
                        "begin a segment without waiting for its header",
                        APPENDER + "Writer.java",
                        "submit(block, 0, SegmentDescriptor.HEADER_BYTES, 0, !neverSyncs, false);",
                        "submit(block, 0, SegmentDescriptor.HEADER_BYTES, 0, false, false);"),
                Mutant.of(
                        "submit a batch to where zeros are still being written",
                        APPENDER + "WriteWindow.java",
                        "return head != tail && oldest().zeros > 0;",
                        "return false;"),
                Mutant.of(
                        "take an aborted claim for an empty entry",
                        APPENDER + "Slots.java",
                        "putWord(sequence, BatchDescriptor.ABORTED);",
                        "putWord(sequence, 0);"),
                Mutant.of(
                        "cut the log off at damage",
                        APPENDER + "LogAnalyzer.java",
                        "if (!finding.isDamage()) {",
                        "if (!mode.isLive()) {"),
                Mutant.of(
                        "leave a torn tail where it is",
                        APPENDER + "Recovery.java",
                        "file.truncate(segment.endPosition());\n            if (!analysis",
                        "if (!analysis"),
                Mutant.of(
                        "believe what was only scanned to be durable",
                        APPENDER + "Recovery.java",
                        "segment.endPosition());\n            }\n            file.sync();",
                        "segment.endPosition());\n            }"),
                Mutant.of(
                        "make a segment without syncing the directory",
                        STORE + "SegmentMaker.java",
                        "directory.sync();\n        PreparedSegment made",
                        "directory.path();\n        PreparedSegment made"),
                Mutant.of(
                        "remove a segment without syncing the directory",
                        STORE + "SegmentMaker.java",
                        "isFreeUnsynced = true;",
                        "isFreeUnsynced = false;"),
                Mutant.of(
                        "give a recycled segment its number again",
                        STORE + "SegmentMaker.java",
                        "LogDirectoryLayout.spareName(nextNumber++);",
                        "LogDirectoryLayout.spareName(SegmentDescriptor.numberOf(name));"),
                Mutant.of(
                        "believe a batch without its checksum",
                        STORE + "BatchVerifier.java",
                        "if (!checksum.matches(",
                        "if (length < 0 && !checksum.matches("),
                Mutant.of(
                        "accept stale batches of a recycled segment",
                        STORE + "BatchChecksum.java",
                        "putLong(8, segment)",
                        "putLong(8, 0)"));
    }

    /** Mistakes that were in the code until the simulation found them. */
    static List<Mutant> mended() {
        return List.of(
                Mutant.of(
                        "remove the only segment when the log is opened",
                        APPENDER + "LogRun.java",
                        "keeper.holdNewest();",
                        ""),
                Mutant.of(
                        "remove a segment before the next one's header is durable",
                        APPENDER + "Durability.java",
                        "begunNumber > segment.header.number() && ",
                        ""),
                Mutant.of(
                        "lose sight of a segment whose name could not be synced",
                        STORE + "SegmentMaker.java",
                        "directory.sync();\n        PreparedSegment made",
                        """
                        try {
                            directory.sync();
                        } catch (AppendException full) {
                            directory.delete(SegmentDescriptor.fileName(unsynced.header().number()));
                            throw full;
                        }
                        PreparedSegment made"""),
                Mutant.of(
                        "forget the time of a reopened segment's last batch",
                        APPENDER + "SegmentSource.java",
                        "open(tail.header(), points, end,",
                        "open(tail.header(), new SparseIndexBuilder("
                                + "tail.header().segmentBytes()), end,"),
                Mutant.of(
                        "call the index of a segment damaged that a truncation cut",
                        APPENDER + "SegmentWalk.java",
                        "boolean isCutHere = segment.limitIndex() == index;",
                        "boolean isCutHere = false;"));
    }
}
