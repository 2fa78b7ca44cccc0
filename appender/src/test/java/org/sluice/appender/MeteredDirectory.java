package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.sluice.store.StoreDirectory;
import org.sluice.store.StoreFile;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * A directory that counts the bytes read from its files, and fails the test at a limit, so that
 * work without bound ends soon and the same on every machine.
 */
final class MeteredDirectory {
    private final StoreDirectory target;
    private final long limitBytes;
    private long bytes;

    MeteredDirectory(StoreDirectory target, long limitBytes) {
        this.target = target;
        this.limitBytes = limitBytes;
    }

    StoreDirectory directory() {
        return proxy(StoreDirectory.class, target);
    }

    private <T> T proxy(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> call(real, method, arguments)));
    }

    private Object call(Object real, Method method, Object... arguments) throws Throwable {
        try {
            Object result = method.invoke(real, arguments);
            if (result instanceof StoreFile) {
                return proxy(StoreFile.class, result);
            }
            if (method.getName().equals("read")) {
                bytes += (int) result;
                assertTrue(bytes <= limitBytes, () -> "more than " + limitBytes + " bytes read");
            }
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
