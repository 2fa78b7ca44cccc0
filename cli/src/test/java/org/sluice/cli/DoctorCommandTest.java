package org.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.store.Capabilities;
import org.sluice.store.Capabilities.Feature;
import org.sluice.store.Capabilities.Support;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;

final class DoctorCommandTest {
    @TempDir private Path directory;

    @Test
    void everyFeatureShouldHaveARow() throws IOException {
        CommandRun doctor = CommandRun.of("doctor", directory).expectOk();

        for (Feature feature : Feature.values()) {
            assertTrue(
                    doctor.text().lines().anyMatch(line -> line.startsWith(feature.label())),
                    doctor.text());
        }
        assertTrue(doctor.text().contains("logs are written through "), doctor.text());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void jsonShouldSayTheSame() {
        JsonNode report =
                JsonMapper.builder()
                        .build()
                        .readTree(CommandRun.of("doctor", directory, "--json").expectOk().out());

        assertEquals(directory.toString(), report.get("directory").asString());
        assertEquals(Feature.values().length, report.get("features").size());
        boolean hasUring = report.get("features").get("IO_URING").get("available").asBoolean();
        assertEquals(hasUring ? "uring" : "channel", report.get("backend").asString());
        assertEquals(
                hasUring ? ExitCode.OK : ExitCode.FAULT,
                CommandRun.of("doctor", "--backend=uring").code());
    }

    @Test
    void aDirectoryNotThereYetShouldBeJudgedByItsParent() {
        Path log = directory.resolve("later").resolve("log");

        CommandRun doctor = CommandRun.of("doctor", log).expectOk();

        String place = directory + ", because " + log + " is not there yet";
        assertTrue(doctor.text().contains(place), doctor.text());
        assertFalse(Files.exists(log.getParent()));
    }

    @Test
    void aFileShouldNotPassForADirectoryNotThereYet() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        CommandRun doctor = CommandRun.of("doctor", file).expectOk();

        String place = directory + ", because " + file + " is no directory";
        assertTrue(doctor.text().contains(place), doctor.text());
    }

    @Test
    void withoutADirectoryItsFeaturesShouldBeLeftOpen() {
        CommandRun doctor = CommandRun.of("doctor").expectOk();

        assertTrue(doctor.text().contains("none named"), doctor.text());
        assertTrue(doctor.text().contains("depends on the directory: name one"), doctor.text());
    }

    @Test
    void eachRemedyShouldBeListedOnceAndReferredTo() {
        Map<Feature, Support> features = new EnumMap<>(Feature.class);
        features.put(Feature.IO_URING, Support.no("a filter denies it", "change the filter"));
        features.put(Feature.SQPOLL, Support.no("a filter denies it", "change the filter"));
        features.put(Feature.DIRECT_IO, Support.no("the filesystem can't", "use ext4"));
        Capabilities capabilities =
                new Capabilities("os", "1.0", null, 0, Capabilities.UNKNOWN, features);

        String table = new DoctorReport(capabilities, directory, directory).table();

        assertTrue(table.contains("io_uring            no: a filter denies it [1]\n"), table);
        assertTrue(table.contains("setup SQPOLL        no: a filter denies it [1]\n"), table);
        assertTrue(table.contains("O_DIRECT            no: the filesystem can't [2]\n"), table);
        assertTrue(table.endsWith("What to do:\n  [1] change the filter\n  [2] use ext4\n"), table);
        assertTrue(table.contains("logs are written through FileChannel here."), table);
    }
}
