package org.sluice.appender;

import org.sluice.store.AppendException;
import org.sluice.store.SimulatedDisk;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The readers of a log that is in use, in its process and in others. */
final class SimReaders {
    private final SimWorld world;
    private final Random random;
    private final SimulatedDisk disk;
    private final SimModel model;
    private final AppendLog log;
    private final List<SimReader> readers = new ArrayList<>();

    SimReaders(SimWorld world, AppendLog log) {
        this.world = world;
        this.random = world.random;
        this.disk = world.disk;
        this.model = world.model;
        this.log = log;
    }

    /** Opens another, of this process or of another one. */
    void open() {
        if (readers.size() == 2) {
            return;
        }
        if (random.nextBoolean()) {
            try {
                readers.add(
                        new SimReader(
                                log.openReader(),
                                model,
                                -1,
                                log::writtenIndex,
                                this::visibleIndex,
                                this::mayFailReads));
            } catch (AppendException thrown) {
                SimModel.check(disk.mayFail() || disk.isOff(), "no reader: " + thrown);
            }
        } else {
            readers.add(
                    new SimReader(
                            LogReader.elsewhere(disk.memory(), world.clock::nanoTime),
                            model,
                            -1,
                            () -> model.nextIndex() - 1,
                            this::visibleIndex,
                            () -> false));
        }
    }

    private long visibleIndex() {
        return disk.hasForgotten() ? -1 : log.writtenIndex();
    }

    private boolean mayFailReads() {
        return disk.mayFail() || disk.isOff();
    }

    /** Reads, in one way or another. */
    void read() {
        if (readers.isEmpty()) {
            return;
        }
        SimReader reader = readers.get(random.nextInt(readers.size()));
        switch (random.nextInt(16)) {
            case 0 -> {
                readers.remove(reader);
                reader.close();
            }
            case 1 -> reader.seek(random.nextLong(model.nextIndex() + 1));
            case 2 -> {
                if (model.nextIndex() > 0) {
                    reader.read(random.nextLong(model.nextIndex()));
                }
            }
            case 3 -> {
                LogVerifier.Result found = LogVerifier.verify(disk.memory(), VerifyProgress.NONE);
                SimModel.check(found.isSound(), "a log in use is damaged: " + found.damages());
            }
            default -> reader.poll(1 + random.nextInt(30));
        }
    }

    /** Reads all up to {@code last}, which is written. */
    void drain(long last) {
        for (SimReader reader : readers) {
            drain(reader, last);
        }
    }

    private void drain(SimReader reader, long last) {
        for (int i = 0; i < 4; i++) {
            world.clock.leap();
            while (reader.poll(1_000) > 0) {
                // There is more.
            }
        }
        if (reader.expectedIndex() >= 0 && !disk.hasForgotten()) {
            model.skipped(reader.expectedIndex(), last + 1);
        }
    }

    /** What others have buffered stays readable to them for a while, so they must not go on. */
    void close() {
        readers.forEach(SimReader::close);
        readers.clear();
    }
}
