package org.sluice.appender;

import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A directory that tells a test before a file is opened for reading, and before it is read. */
final class WatchedDirectory {
    private final Consumer<String> onOpen;
    private final LongConsumer onRead;

    private WatchedDirectory(Consumer<String> onOpen, LongConsumer onRead) {
        this.onOpen = onOpen;
        this.onRead = onRead;
    }

    /**
     * @param onOpen gets the file's name, and may throw
     * @param onRead gets the position, and may throw
     */
    static StoreDirectory of(StoreDirectory target, Consumer<String> onOpen, LongConsumer onRead) {
        return new WatchedDirectory(onOpen, onRead).watch(StoreDirectory.class, target);
    }

    private <T> T watch(Class<T> type, T target) {
        Object proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            switch (method.getName()) {
                                case "openForReading" -> onOpen.accept((String) arguments[0]);
                                case "read" -> onRead.accept((long) arguments[1]);
                                default -> {}
                            }
                            try {
                                Object result = method.invoke(target, arguments);
                                return result instanceof StoreFile file
                                        ? watch(StoreFile.class, file)
                                        : result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
        return type.cast(proxy);
    }
}
