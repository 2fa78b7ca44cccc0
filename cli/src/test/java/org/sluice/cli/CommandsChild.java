package org.sluice.cli;

/** Runs commands one after the other in one process; a full stop ends each. */
final class CommandsChild {
    private CommandsChild() {}

    /** Prints the exit code of each. */
    public static void main(String[] args) {
        StringBuilder command = new StringBuilder();
        for (String arg : args) {
            if (arg.equals(".")) {
                Object[] words = command.toString().strip().split(" ", -1);
                System.out.println(words[0] + " " + CommandRun.withInput("text\n", words).code());
                command.setLength(0);
            } else {
                command.append(arg).append(' ');
            }
        }
    }
}
