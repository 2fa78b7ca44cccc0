package org.sluice.cli;

/** Names and values, one a line, the values under one another. */
final class Table {
    private static final int NAME_WIDTH = 20;

    private final StringBuilder text = new StringBuilder();

    /** Adds a line. */
    Table row(String name, String value) {
        text.append(name);
        text.repeat(' ', Math.max(1, NAME_WIDTH - name.length()));
        text.append(value).append('\n');
        return this;
    }

    /** Adds any line, empty too. */
    Table line(String line) {
        text.append(line).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
