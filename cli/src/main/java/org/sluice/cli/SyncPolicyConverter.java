package org.sluice.cli;

import org.sluice.appender.SyncPolicy;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;

/** When a log syncs unasked: by name, or every so often. */
final class SyncPolicyConverter implements ITypeConverter<SyncPolicy> {
    @Override
    public SyncPolicy convert(String text) {
        return switch (text) {
            case "on-demand" -> SyncPolicy.ON_DEMAND;
            case "every-batch" -> SyncPolicy.EVERY_BATCH;
            case "never" -> SyncPolicy.NEVER;
            default -> interval(text);
        };
    }

    private static SyncPolicy interval(String text) {
        Duration interval = PeriodConverter.parse(text);
        if (interval != null && interval.isPositive()) {
            return SyncPolicy.interval(interval);
        }
        throw new TypeConversionException(
                "'"
                        + text
                        + "' is not on-demand, every-batch, never or a span of time such as 20ms");
    }
}
