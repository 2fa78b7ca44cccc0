package org.sluice.appender;

import com.lmax.disruptor.Sequence;

import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.sluice.fallback.ChannelStorage;
import org.sluice.ring.UringStorage;
import org.sluice.store.MemoryDirectory;
import org.sluice.store.Storage;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Loads the project's classes anew, with those of one source file compiled with a mistake in it.
 * Everything else comes from where the tests have it.
 */
final class MutantLoader extends ClassLoader {
    private static final String OURS = "org.sluice.";

    private final Map<String, ByteArrayOutputStream> mutated = new HashMap<>();

    MutantLoader(Mutant mutant) throws IOException {
        super(MutantLoader.class.getClassLoader());
        setDefaultAssertionStatus(true);
        Path root = Path.of(System.getProperty("basedir", ".")).toAbsolutePath().getParent();
        String source = mutant.apply(Files.readString(root.resolve(mutant.file())));
        compile(mutant, source);
    }

    private void compile(Mutant mutant, String source) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        List<String> options = List.of("-proc:none", "-nowarn", "-classpath", classPath());
        try (Output output = new Output(compiler.getStandardFileManager(null, null, null))) {
            List<Source> sources = List.of(new Source(mutant.className(), source));
            boolean isCompiled =
                    compiler.getTask(messages, output, null, options, null, sources).call();
            if (!isCompiled) {
                throw new AssertionError("the mutant does not compile: " + messages);
            }
        }
    }

    /** Where each part of the project, and each library it uses, comes from. */
    private static String classPath() {
        return Stream.of(
                        AppendLog.class,
                        ChannelStorage.class,
                        UringStorage.class,
                        Storage.class,
                        MemoryDirectory.class,
                        DirectBuffer.class,
                        Sequence.class,
                        Histogram.class)
                .map(MutantLoader::placeOf)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        ByteArrayOutputStream mutant = mutated.get(name);
        byte[] bytes = mutant == null ? original(name) : mutant.toByteArray();
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] original(String name) throws ClassNotFoundException {
        try (InputStream bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return bytes.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** A source file in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("memory:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps class files in memory. */
    private final class Output extends ForwardingJavaFileManager<JavaFileManager> {
        Output(JavaFileManager target) {
            super(target);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            URI uri = URI.create("memory:///" + className + kind.extension);
            return new SimpleJavaFileObject(uri, kind) {
                @Override
                public OutputStream openOutputStream() {
                    return mutated.computeIfAbsent(className, key -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
