package org.sluice.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An entry's index. */
final class IndexConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
        try {
            long index = Long.parseLong(text);
            if (index >= 0) {
                return index;
            }
        } catch (NumberFormatException notANumber) {
            // Told below, with what is out of range.
        }
        throw new TypeConversionException(
                "'" + text + "' is not an index, which is a whole number from 0 up");
    }
}
