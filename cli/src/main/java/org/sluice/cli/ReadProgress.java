package org.sluice.cli;

import org.sluice.appender.VerifyProgress;

/** Shows how far the reading of a log has come. */
final class ReadProgress implements VerifyProgress {
    private final ProgressLine line;
    private final String verb;

    ReadProgress(ProgressLine line, String verb) {
        this.line = line;
        this.verb = verb;
    }

    @Override
    public void onProgress(long bytesDone, long bytesTotal) {
        line.show(
                () ->
                        verb
                                + " "
                                + Figures.bytes((double) bytesDone)
                                + " of "
                                + Figures.bytes((double) bytesTotal));
    }
}
