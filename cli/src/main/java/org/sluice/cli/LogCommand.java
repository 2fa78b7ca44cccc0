package org.sluice.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** What the commands share: their streams, the common options, and how to refuse an argument. */
abstract class LogCommand implements Callable<Integer> {
    private final StandardStreams streams;

    @Spec private CommandSpec spec;
    @Mixin private CommonOptions common;

    LogCommand(StandardStreams streams) {
        this.streams = streams;
    }

    final StandardStreams streams() {
        return streams;
    }

    final StandardOutput out() {
        return streams.out();
    }

    final CommonOptions common() {
        return common;
    }

    /** The exception for arguments that do not fit, or do not fit together. */
    final ParameterException misuse(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
