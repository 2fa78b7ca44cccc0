package org.sluice.appender;

import org.junit.jupiter.api.AfterEach;
import org.sluice.store.LoopFilesystem;
import org.sluice.store.LoopFilesystem.Kind;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** What tests share that put a log on a filesystem of its own, and let something befall it. */
abstract class LoopFixture extends LogFixture {
    final Ledger ledger = new Ledger();
    LoopFilesystem filesystem;

    void mount(Kind kind) throws IOException {
        filesystem = LoopFilesystem.mount(temp, kind);
    }

    @AfterEach
    void unmount() throws IOException {
        if (filesystem != null) {
            filesystem.close();
        }
    }

    @Override
    Path directory() {
        return filesystem.root().resolve("log");
    }

    /** Small segments, so that every fault meets rolls. */
    @Override
    AppendLogConfig.Builder config() {
        return super.config().segmentBytes(256 * 1024);
    }

    /** Appends, waits now and then, and ends when {@code isEnough} or with what the log throws. */
    void produce(AppendLog log, int producer, AtomicBoolean isEnough) {
        for (int i = 0; !isEnough.get(); i++) {
            int length = 20 + i % 7 * 100;
            long index = ledger.append(log, producer, i, length);
            if (i % 16 == producer) {
                log.awaitDurable(index);
            }
        }
    }
}
