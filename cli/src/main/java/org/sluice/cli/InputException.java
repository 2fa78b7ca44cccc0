package org.sluice.cli;

/** Standard input is not what it should be, or can't be read. */
final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InputException(String sentence) {
        super(sentence);
    }

    InputException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
