package org.sluice.ring.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** What both libraries' bindings share. */
final class Native {
    static final Linker LINKER = Linker.nativeLinker();

    private Native() {}

    /** A handle of a function that is known to be there. */
    static MethodHandle function(
            SymbolLookup library,
            String name,
            FunctionDescriptor descriptor,
            Linker.Option... options) {
        return LINKER.downcallHandle(library.findOrThrow(name), descriptor, options);
    }

    /** Downcalls declare Throwable and throw nothing: what arrives here is a defect. */
    static AssertionError unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return new AssertionError(thrown);
    }
}
