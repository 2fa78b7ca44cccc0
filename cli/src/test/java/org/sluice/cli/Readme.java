package org.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tests take from README.md and docs/using.md, so that it stays true. */
final class Readme {
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern FLAGS = Pattern.compile("Run it with `([^`]*)`");

    private Readme() {}

    /** The first block of Java. */
    static String java() throws IOException {
        return first(JAVA_BLOCK, "README.md");
    }

    /** The first block of Java in the page about using the library. */
    static String readingJava() throws IOException {
        return first(JAVA_BLOCK, "docs/using.md");
    }

    /** The flags that the first block is to be run with. */
    static List<String> jvmFlags() throws IOException {
        return List.of(first(FLAGS, "README.md").split(" "));
    }

    private static String first(Pattern pattern, String document) throws IOException {
        // Tests run in the module's directory.
        String text = Files.readString(Path.of("..", document));
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError(document + " has nothing like " + pattern);
        }
        return matcher.group(1);
    }
}
