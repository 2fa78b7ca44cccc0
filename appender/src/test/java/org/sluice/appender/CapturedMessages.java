package org.sluice.appender;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What Sluice tells its logger; it is kept from standard error meanwhile. */
final class CapturedMessages extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("org.sluice");
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    CapturedMessages() {
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    List<LogRecord> records() {
        return records;
    }

    @Override
    public void publish(LogRecord logRecord) {
        records.add(logRecord);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
