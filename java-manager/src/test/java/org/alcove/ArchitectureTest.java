package org.alcove;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house: who may know whom, and what the library shows to the world. */
class ArchitectureTest {
    // What stands beside Alcove's own class file: the tests stand elsewhere, wherever the build puts the two.
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .importUrl(Alcove.class.getProtectionDomain().getCodeSource().getLocation());

    private static final DescribedPredicate<JavaClass> JDK = resideInAnyPackage("java..", "javax.net.ssl");

    /** What other packages may use: public types, the outer ones too where they are nested. */
    private static final DescribedPredicate<JavaClass> PUBLIC_FACE =
            DescribedPredicate.describe("the library's public face", type -> type.getPackageName().equals("org.alcove")
                    && isPublic(type));

    @Test
    void theLibraryKnowsTheJdkAndJacksonAlone() {
        classes()
                .that(resideInAPackage("org.alcove"))
                .should()
                .onlyDependOnClassesThat(JDK.or(resideInAnyPackage("org.alcove", "com.fasterxml.jackson.core..")))
                .because("it has to live inside other programs, beside any version of anything")
                .check(CLASSES);
    }

    @Test
    void thePublicFaceSpeaksOfItselfAndTheJdkAlone() {
        // A type of Jackson's in a signature would tie all users to its version.
        for (JavaClass type : CLASSES) {
            if (PUBLIC_FACE.test(type)) {
                for (JavaCodeUnit unit : type.getCodeUnits()) {
                    if (unit.getModifiers().contains(JavaModifier.PUBLIC)) {
                        Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream())
                                .map(JavaClass::getBaseComponentType)
                                .filter(used -> !used.isPrimitive() && !JDK.or(PUBLIC_FACE).test(used))
                                .forEach(used -> fail(unit.getFullName() + " speaks of " + used.getName()));
                    }
                }
            }
        }
    }

    @Test
    void theCommandLineIsAThinFaceOnTheLibrary() {
        classes()
                .that(resideInAPackage("org.alcove.cli"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE)
                        .or(resideInAnyPackage(
                                "org.alcove.cli", "org.alcove.batch", "org.alcove.files", "org.alcove.gui",
                                "org.alcove.imagej", "picocli..", "com.fasterxml.jackson.core..", "javax.swing..",
                                "javax.imageio..")))
                .because("whatever it can do, every Java program can do with the library")
                .check(CLASSES);
    }

    @Test
    void whatWritesOutputsAsFilesKnowsThePublicFaceAndJacksonAlone() {
        classes()
                .that(resideInAPackage("org.alcove.files"))
                .should()
                .onlyDependOnClassesThat(
                        JDK.or(PUBLIC_FACE).or(resideInAnyPackage("org.alcove.files", "com.fasterxml.jackson.core..")))
                .because("whatever it can do, every Java program can do with the library")
                .check(CLASSES);
        assertEquals(
                Set.of("Csv", "Elements", "JsonText", "OutputFiles", "OutputFiles$Content", "OutputFiles$Writing", "TextFiles"),
                publicTypes("org.alcove.files"));
    }

    @Test
    void batchesKnowThePublicFaceAndTheFilesOfOutputsAlone() {
        classes()
                .that(resideInAPackage("org.alcove.batch"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE).or(resideInAnyPackage("org.alcove.batch", "org.alcove.files")))
                .because("whatever it can do, every Java program can do with the library")
                .check(CLASSES);
        assertEquals(
                Set.of(
                        "Batch",
                        "BatchItem",
                        "BatchItems",
                        "BatchOutcome",
                        "BatchPlanned",
                        "BatchProgress",
                        "BatchProgress$Stage",
                        "BatchReader",
                        "BatchResult",
                        "BatchRun",
                        "BatchStatus",
                        "BatchTables"),
                publicTypes("org.alcove.batch"));
    }

    @Test
    void theImgLib2AdapterKnowsThePublicFaceAndImgLib2Alone() {
        classes()
                .that(resideInAPackage("org.alcove.imglib2"))
                .should()
                .onlyDependOnClassesThat(
                        JDK.or(PUBLIC_FACE).or(resideInAnyPackage("org.alcove.imglib2", "net.imglib2..")))
                .because("whatever an adapter can do, every Java program can do with the library")
                .check(CLASSES);
        assertEquals(Set.of("SharedImages"), publicTypes("org.alcove.imglib2"));
    }

    @Test
    void theAdapterForImageJKnowsImageJAndTheLibrarysPublicFace() {
        classes()
                .that(resideInAPackage("org.alcove.fiji"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE)
                        .or(resideInAnyPackage(
                                "org.alcove.fiji", "org.alcove.catalog", "org.alcove.gui", "org.alcove.imagej", "ij..",
                                "javax.swing..", "javax.accessibility..")))
                .because("whatever an adapter can do, every Java program can do with the library")
                .check(CLASSES);
        assertEquals(Set.of("Commands", "ImagePlusArrays", "OpValues", "Session"), publicTypes("org.alcove.fiji"));
    }

    @Test
    void whereImageJEntersKnowsImageJAlone() {
        classes()
                .that(resideInAPackage("org.alcove.start"))
                .should()
                .onlyDependOnClassesThat(JDK.or(resideInAnyPackage("org.alcove.start", "ij..")))
                .because("it is loaded by Java 8, too, where nothing else of Alcove's can be")
                .check(CLASSES);
        assertEquals(Set.of("Start"), publicTypes("org.alcove.start"));
    }

    @Test
    void whatKnowsTheFolderOfAnImageJNeedsNoImageJ() {
        classes()
                .that(resideInAPackage("org.alcove.imagej"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE).or(resideInAnyPackage("org.alcove.imagej")))
                .because("the command line installs into an ImageJ that does not run")
                .check(CLASSES);
        assertEquals(Set.of("ImageJFolder", "Installation", "StartMacro"), publicTypes("org.alcove.imagej"));
    }

    @Test
    void theWindowsKnowSwingAndTheLibrarysPublicFace() {
        classes()
                .that(resideInAPackage("org.alcove.gui"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE)
                        .or(resideInAnyPackage(
                                "org.alcove.gui", "org.alcove.catalog", "javax.swing..", "javax.accessibility..")))
                .because("they open in any program; which look and feel there is, they only ask by its name")
                .check(CLASSES);
        assertEquals(
                Set.of(
                        "EnvironmentsWindow",
                        "FailureWindow",
                        "FailureWindow$Opener",
                        "FirstRun",
                        "Look",
                        "RunWindow",
                        "TrustDialog"),
                publicTypes("org.alcove.gui"));
    }

    @Test
    void theCatalogOfOpsKnowsThePublicFaceAlone() {
        classes()
                .that(resideInAPackage("org.alcove.catalog"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE).or(resideInAnyPackage("org.alcove.catalog")))
                .because("menus need it before anything is started")
                .check(CLASSES);
        assertEquals(
                Set.of("OpCatalog", "OpEntry", "OpEntry$State", "OpFolder", "OpFolders", "TrustQuestion", "TrustedOps"),
                publicTypes("org.alcove.catalog"));
    }

    @Test
    void theModulesOfSciJavaKnowTheAdapters() {
        classes()
                .that(resideInAPackage("org.alcove.scijava"))
                .should()
                .onlyDependOnClassesThat(JDK.or(PUBLIC_FACE)
                        .or(resideInAnyPackage(
                                "org.alcove.scijava", "org.alcove.catalog", "org.alcove.fiji", "org.alcove.files",
                                "org.alcove.gui", "org.alcove.imglib2", "ij..", "net.imglib2..", "org.scijava..")))
                .because("whatever an adapter can do, every Java program can do with the library")
                .check(CLASSES);
        assertEquals(Set.of("AlcoveService"), publicTypes("org.alcove.scijava"));
    }

    /** Where a library is missing, only the adapter to it must be: so it is not loaded there. */
    @Test
    void modulesOfSciJavaLiveWithoutImageJ() {
        classes()
                .that(resideInAPackage("org.alcove.scijava"))
                .and()
                .haveNameNotMatching(".*\\.ImageJ(Link|Exchange)")
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAnyPackage("ij..", "org.alcove.fiji")))
                .check(CLASSES);
    }

    @Test
    void packagesDoNotDependOnEachOtherInACircle() {
        slices().matching("org.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nothingIsPublicByAccident() {
        assertEquals(
                new TreeSet<>(Set.of(
                        "Adaptation",
                        "Alcove",
                        "AlcoveException",
                        "ArrayStream",
                        "ArrayStream$Frame",
                        "ArrayStream$Reader",
                        "ArrayStream$Writer",
                        "Axis",
                        "Call",
                        "CallStatus",
                        "CallStatus$State",
                        "CancelledException",
                        "Columns",
                        "Complex",
                        "DType",
                        "Doctor",
                        "Doctor$Finding",
                        "Doctor$Status",
                        "Environment",
                        "EnvironmentCheck",
                        "EnvironmentCheck$Damage",
                        "EnvironmentCleanup",
                        "EnvironmentCleanup$Item",
                        "EnvironmentInfo",
                        "EnvironmentInfo$State",
                        "EnvironmentPackage",
                        "EnvironmentSetting",
                        "EnvironmentSpec",
                        "EnvironmentText",
                        "EnvironmentUpdate",
                        "EnvironmentUpdate$Change",
                        "EnvironmentUpdate$Kind",
                        "EnvironmentUsage",
                        "Environments",
                        "ErrorKind",
                        "KnownOps",
                        "KnownOps$Found",
                        "LogLine",
                        "Mistake",
                        "NpyFile",
                        "Op",
                        "Outputs",
                        "Parameter",
                        "Progress",
                        "Progress$Stage",
                        "Rows",
                        "Settings",
                        "SharedArray",
                        "Table",
                        "ToolboxPlan",
                        "WorkerInfo",
                        "WorkerInfo$State",
                        "Workers")),
                publicTypes("org.alcove"));
    }

    /** By their names within the package. */
    private static Set<String> publicTypes(String inPackage) {
        return CLASSES.stream()
                .filter(type -> type.getPackageName().equals(inPackage) && isPublic(type))
                .map(type -> type.getName().substring(inPackage.length() + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }
}
