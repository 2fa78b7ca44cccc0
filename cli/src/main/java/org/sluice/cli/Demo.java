package org.sluice.cli;

import org.sluice.appender.AppendLog;
import org.sluice.appender.AppendLogConfig;
import org.sluice.appender.LogReader;
import org.sluice.appender.LogVerifier;
import org.sluice.store.Backend;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** The steps of {@code demo}, each told as it ends: journal, verify, read back. */
final class Demo {
    private static final int POLL_ENTRIES = 4096;

    private final DemoSettings settings;
    private final Path directory;
    private final DemoReport report;
    private final ProgressLine progress;
    private final BooleanSupplier isInterrupted;

    Demo(
            DemoSettings settings,
            Path directory,
            DemoReport report,
            ProgressLine progress,
            BooleanSupplier isInterrupted) {
        this.settings = settings;
        this.directory = directory;
        this.report = report;
        this.progress = progress;
        this.isInterrupted = isInterrupted;
    }

    /** Returns whether all that was written was read back as it was written. */
    boolean run(Backend backend) {
        report.onStart(settings, directory);
        OrderFlow flow = new OrderFlow(settings, isInterrupted);
        AppendLogConfig config = AppendLogConfig.builder().backend(backend).build();
        long orders;
        try (AppendLog log = AppendLog.open(directory, config)) {
            report.onOpened(log);
            DemoResult result = flow.run(log, progress);
            orders = result.orders();
            progress.close();
            report.onJournaled(result);
        }
        if (isInterrupted.getAsBoolean()) {
            return true;
        }
        boolean isUndamaged = verify();
        boolean isComplete = readBack(orders);
        report.onMeasured(settings, flow.enqueueNs(), flow.durableNs());
        return isUndamaged && isComplete;
    }

    private boolean verify() {
        long startNs = System.nanoTime();
        LogVerifier.Result result =
                LogVerifier.verify(directory, new ReadProgress(progress, "verified"));
        progress.close();
        report.onVerified(result.isSound(), result.entries(), System.nanoTime() - startNs);
        return result.isSound();
    }

    private boolean readBack(long orders) {
        long startNs = System.nanoTime();
        OrderCheck check = new OrderCheck(settings.threads());
        try (LogReader reader = LogReader.open(directory)) {
            while (reader.poll(check, POLL_ENTRIES) > 0) {
                progress.show(() -> "read back " + Figures.entries(check.orders()));
            }
        }
        progress.close();
        boolean isComplete = check.faults() == 0 && check.orders() == orders;
        report.onReadBack(check.orders(), check.faults(), isComplete, System.nanoTime() - startNs);
        return isComplete;
    }
}
