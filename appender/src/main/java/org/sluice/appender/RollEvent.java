package org.sluice.appender;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Flight Recorder: the writer went on in a new segment. */
@Name("org.sluice.Roll")
@Label("Segment Roll")
@Category("Sluice")
@StackTrace(false)
final class RollEvent extends Event {
    @Label("Segment Number")
    long segmentNumber;

    @Label("Base Index")
    long baseIndex;

    static void emit(long segmentNumber, long baseIndex) {
        RollEvent event = new RollEvent();
        if (event.isEnabled()) {
            event.segmentNumber = segmentNumber;
            event.baseIndex = baseIndex;
            event.commit();
        }
    }
}
