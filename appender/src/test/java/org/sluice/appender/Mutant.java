package org.sluice.appender;

import java.util.ArrayList;
import java.util.List;

/**
 * A mistake to be made in the log's code, which the simulation must find.
 *
 * @param sentence what the mistake is
 * @param file the source file, from the root of the project
 * @param edits what to replace by what
 */
record Mutant(String sentence, String file, List<Edit> edits) {

    /** One replacement; the original must be there, once. */
    record Edit(String original, String replacement) {}

    static Mutant of(String sentence, String file, String original, String replacement) {
        return new Mutant(sentence, file, List.of(new Edit(original, replacement)));
    }

    /** The same, with another mistake that only the two together make. */
    Mutant and(String original, String replacement) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(original, replacement));
        return new Mutant(sentence, file, more);
    }

    /** {@code source} with the mistake made. */
    String apply(String source) {
        String mutated = source;
        for (Edit edit : edits) {
            int at = mutated.indexOf(edit.original());
            if (at < 0 || mutated.indexOf(edit.original(), at + 1) >= 0) {
                throw new AssertionError(
                        file + " does not hold once what is to be mutated: " + edit.original());
            }
            mutated = mutated.replace(edit.original(), edit.replacement());
        }
        return mutated;
    }

    /** The full name of the class that the file holds. */
    String className() {
        String path = file.substring(file.indexOf("org/"), file.length() - ".java".length());
        return path.replace('/', '.');
    }

    @Override
    public String toString() {
        return sentence;
    }
}
