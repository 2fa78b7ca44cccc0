package org.sluice.appender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** The test of the simulation: makes mistakes in the log's code and sees whether it finds them. */
class SimulationMutantsTest {
    private static final int SEEDS_MAX = 5_000;
    private static final int SEEDS_MAX_LONG = 20_000;
    private static final int CONTROL_SEEDS = 200;
    private static final int MUTANTS_MIN = 12;

    /** How a mistake was found. */
    private record Found(int seeds, String message) {}

    @Test
    void everyMistakeShouldBeFound() {
        assertTrue(Mutants.all().size() >= MUTANTS_MIN);
        assertEquals(List.of(), notFound(Mutants.all(), SEEDS_MAX));
    }

    @Test
    @Tag("long")
    void everyMistakeEverMadeShouldBeFound() {
        assertEquals(List.of(), notFound(Mutants.mended(), SEEDS_MAX_LONG));
    }

    @Test
    void everyMistakeEverMadeShouldBeOneThatCanBeMade() throws Exception {
        for (Mutant mutant : Mutants.mended()) {
            assertNull(find(mutant, 0), mutant.sentence());
        }
    }

    @Test
    void nothingShouldBeFoundWhereThereIsNoMistake() throws Exception {
        assertNull(find(Mutants.none(), CONTROL_SEEDS));
    }

    private static List<String> notFound(List<Mutant> mutants, int seedsMax) {
        List<String> notFound = new ArrayList<>();
        mutants.parallelStream()
                .forEach(
                        mutant -> {
                            Found found = findUnchecked(mutant, seedsMax);
                            synchronized (notFound) {
                                System.out.println(sentence(mutant, found, seedsMax));
                                if (found == null) {
                                    notFound.add(mutant.sentence());
                                }
                            }
                        });
        System.out.println(
                mutants.size() - notFound.size() + " of " + mutants.size() + " mistakes found");
        return notFound;
    }

    private static String sentence(Mutant mutant, Found found, int seedsMax) {
        return found == null
                ? "not found by " + seedsMax + " seeds: " + mutant.sentence()
                : "found by seed "
                        + found.seeds()
                        + ": "
                        + mutant.sentence()
                        + " ("
                        + found.message()
                        + ")";
    }

    private static Found findUnchecked(Mutant mutant, int seedsMax) {
        try {
            return find(mutant, seedsMax);
        } catch (ReflectiveOperationException | IOException e) {
            throw new AssertionError(mutant.sentence(), e);
        }
    }

    /** What finds the mistake, null if none of the first {@code seedsMax} seeds does. */
    private static Found find(Mutant mutant, int seedsMax)
            throws ReflectiveOperationException, IOException {
        Class<?> run = new MutantLoader(mutant).loadClass(SimRun.class.getName());
        Method method = run.getDeclaredMethod("run", long.class, boolean.class);
        method.setAccessible(true);
        for (int seed = 1; seed <= seedsMax; seed++) {
            try {
                method.invoke(null, (long) seed, false);
            } catch (InvocationTargetException found) {
                return new Found(seed, firstLine(found.getCause()));
            }
        }
        return null;
    }

    private static String firstLine(Throwable thrown) {
        return thrown.toString().lines().findFirst().orElse("").replaceFirst("^[\\w.$]*: ", "");
    }
}
