package org.sluice.appender;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight Recorder: a segment was synced. */
@Name("org.sluice.Sync")
@Label("Segment Sync")
@Category("Sluice")
@StackTrace(false)
final class SyncEvent extends Event {
    @Label("Sync Time")
    @Timespan(Timespan.NANOSECONDS)
    long syncNs;

    @Label("Segment Number")
    long segmentNumber;

    @Label("Durable Index")
    long durableIndex;

    static void emit(long syncNs, long segmentNumber, long durableIndex) {
        SyncEvent event = new SyncEvent();
        if (event.isEnabled()) {
            event.syncNs = syncNs;
            event.segmentNumber = segmentNumber;
            event.durableIndex = durableIndex;
            event.commit();
        }
    }
}
