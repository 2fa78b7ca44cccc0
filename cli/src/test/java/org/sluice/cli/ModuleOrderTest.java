package org.sluice.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Each module depends only on those to its right: cli → appender → ring, fallback → store. */
@AnalyzeClasses(
        packages = "org.sluice",
        importOptions = {DoNotIncludeTests.class, ModuleOrderTest.NoTestJars.class})
final class ModuleOrderTest {
    /** What other modules' tests share with this one's. */
    static final class NoTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }

    private static final String NATIVE_CALLS = "org.sluice.ring.ffi";

    @ArchTest
    static final ArchRule MODULES_KEEP_THEIR_ORDER =
            layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("cli")
                    .definedBy("org.sluice.cli..")
                    .layer("appender")
                    .definedBy("org.sluice.appender..")
                    .layer("ring")
                    .definedBy("org.sluice.ring..")
                    .layer("fallback")
                    .definedBy("org.sluice.fallback..")
                    .layer("store")
                    .definedBy("org.sluice.store..")
                    .whereLayer("cli")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("appender")
                    .mayOnlyBeAccessedByLayers("cli")
                    .whereLayer("ring")
                    .mayOnlyBeAccessedByLayers("appender", "cli")
                    .whereLayer("fallback")
                    .mayOnlyBeAccessedByLayers("appender", "cli")
                    .whereLayer("store")
                    .mayOnlyBeAccessedByLayers("fallback", "ring", "appender", "cli");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("org.sluice.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NATIVE_CALLS_ARE_IN_ONE_PACKAGE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(NATIVE_CALLS)
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            Linker.class,
                            SymbolLookup.class,
                            FunctionDescriptor.class,
                            MethodHandle.class);

    @ArchTest
    static final ArchRule ONLY_RING_TOUCHES_NATIVE_CALLS =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("org.sluice.ring..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(NATIVE_CALLS);

    @ArchTest
    static final ArchRule NOBODY_TOUCHES_STANDARD_STREAMS =
            NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
}
