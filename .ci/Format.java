import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Checks, or applies, google-java-format (AOSP style) to every Java file below a directory: {@code
 * Format check|apply DIRECTORY}.
 */
final class Format {
    private static final Set<String> SKIPPED = Set.of("target", ".git", ".idea");

    private Format() {}

    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !Set.of("check", "apply").contains(args[0])) {
            System.err.println("usage: Format check|apply DIRECTORY");
            System.exit(2);
        }
        boolean apply = args[0].equals("apply");
        Queue<String> complaints = new ConcurrentLinkedQueue<>();
        javaFiles(Path.of(args[1])).parallelStream()
                .forEach(file -> process(file, apply, complaints));
        if (!complaints.isEmpty()) {
            complaints.stream().sorted().forEach(System.err::println);
            if (!apply) {
                System.err.println("Run .ci/format to format them.");
            }
            System.exit(1);
        }
    }

    private static void process(Path file, boolean apply, Queue<String> complaints) {
        try {
            String source = Files.readString(file);
            String formatted = format(source);
            if (formatted.equals(source)) {
                return;
            }
            if (apply) {
                Files.writeString(file, formatted);
                System.out.println("formatted " + file);
            } else {
                complaints.add("not formatted: " + file);
            }
        } catch (FormatterException | IOException e) {
            complaints.add(file + ": " + e.getMessage());
        }
    }

    private static String format(String source) throws FormatterException {
        Formatter formatter =
                new Formatter(JavaFormatterOptions.builder().style(Style.AOSP).build());
        String unix = source.replace("\r\n", "\n");
        String imports =
                ImportOrderer.reorderImports(
                        RemoveUnusedImports.removeUnusedImports(unix), Style.AOSP);
        return formatter.formatSource(imports);
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path dir, BasicFileAttributes attributes) {
                        return SKIPPED.contains(dir.getFileName().toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.toString().endsWith(".java")) {
                            files.add(file.normalize());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return files;
    }
}
