package org.sluice.cli;

import java.io.IOException;

/** Standard output takes no more. */
final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
        super("standard output can't be written: " + cause.getMessage(), cause);
    }
}
