package org.seqpe.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noCodeUnits;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The shape of the code (docs/architecture.md): what may depend on what, and who may say what. */
class ArchitectureTest {
    /** Where the words of a task have no place: everything that all tasks share. */
    private static final String[] SHARED_BY_ALL_TASKS = {
        "org.seqpe.compute..",
        "org.seqpe.model",
        "org.seqpe.model.transformer..",
        "org.seqpe.model.position..",
        "org.seqpe.model.seqpe..",
        "org.seqpe.model.params..",
        "org.seqpe.model.network..",
        "org.seqpe.model.dl4j..",
        "org.seqpe.evaluation",
        "org.seqpe.evaluation.report..",
        "org.seqpe.spark.cluster..",
        "org.seqpe.spark.vectors..",
        "org.seqpe.spark.merge..",
        "org.seqpe.spark.moments..",
        "org.seqpe.spark.round.."
    };

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.seqpe");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.seqpe.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void dependenciesPointDown() {
        mayNotUse("core", "data", "compute", "model", "evaluation", "spark", "cli");
        mayNotUse("data", "compute", "model", "evaluation", "spark", "cli");
        mayNotUse("compute", "data", "model", "evaluation", "spark", "cli");
        mayNotUse("model", "data", "evaluation", "spark", "cli");
        mayNotUse("evaluation", "spark", "cli");
        mayNotUse("spark", "cli");
    }

    private static void mayNotUse(String module, String... others) {
        String[] packages =
                Arrays.stream(others).map(ArchitectureTest::packages).toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(packages(module))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(classes);
    }

    private static String packages(String module) {
        return "org.seqpe." + module + "..";
    }

    /** The command line starts Spark jobs and says what it is told of them; nothing below the module spark knows it. */
    @Test
    void sparkStaysInItsModule() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.seqpe.spark..", "org.seqpe.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.spark..")
                .check(classes);
    }

    @Test
    void arraysOfNd4jStayWhereNd4jIs() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.seqpe.compute.nd4j..", "org.seqpe.model.dl4j..", "org.seqpe.spark..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.nd4j.linalg.api.ndarray.INDArray")
                .check(classes);
    }

    @Test
    void onlyATaskSaysItsWords() {
        noClasses()
                .that()
                .resideInAnyPackage(SHARED_BY_ALL_TASKS)
                .should()
                .haveNameMatching(".*\\.[^.]*(Token|Vocabulary|Pixel|Answer)[^.]*")
                .check(classes);
        // The authors call the last element of a digit sequence the CLS token. A network's settings carry the sections
        // of
        // a configuration, image and answers.
        noCodeUnits()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(SHARED_BY_ALL_TASKS)
                .and()
                .areNotPrivate()
                .should()
                .haveNameMatching("(?i)((?!.*clstoken).*token|.*vocabulary|.*pixel|.*answer(?!s$)).*")
                .check(classes);
    }
}
