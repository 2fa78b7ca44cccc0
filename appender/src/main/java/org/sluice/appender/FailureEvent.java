package org.sluice.appender;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Flight Recorder: the log failed and is closed for good. */
@Name("org.sluice.Failure")
@Label("Log Failure")
@Category("Sluice")
final class FailureEvent extends Event {
    @Label("Message")
    String message;

    @Label("Durable Index")
    long durableIndex;

    static void emit(String message, long durableIndex) {
        FailureEvent event = new FailureEvent();
        if (event.isEnabled()) {
            event.message = message;
            event.durableIndex = durableIndex;
            event.commit();
        }
    }
}
