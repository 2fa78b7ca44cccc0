package org.sluice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import picocli.CommandLine.TypeConversionException;

class QuantitiesTest {
    @Test
    void bytesShouldCountBy1024() {
        Quantities.Bytes bytes = new Quantities.Bytes();

        assertEquals(256L, bytes.convert("256"));
        assertEquals(65_536L, bytes.convert("64K"));
        assertEquals(128L << 20, bytes.convert("128MiB"));
    }

    @Test
    void countsShouldCountBy1000() {
        assertEquals(500_000L, new Quantities.Count().convert("500k"));
    }

    @Test
    void durationsShouldBeNanoseconds() {
        Quantities.Nanos nanos = new Quantities.Nanos();

        assertEquals(5_000_000_000L, nanos.convert("5s"));
        assertEquals(500_000_000L, nanos.convert("500ms"));
    }

    @Test
    void otherUnitsShouldBeRefused() {
        assertThrows(TypeConversionException.class, () -> new Quantities.Bytes().convert("5s"));
        assertThrows(TypeConversionException.class, () -> new Quantities.Nanos().convert("soon"));
        assertThrows(TypeConversionException.class, () -> new Quantities.Count().convert("-1"));
    }
}
