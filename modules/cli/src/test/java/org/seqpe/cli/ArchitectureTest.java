package org.seqpe.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noCodeUnits;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Locale;
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
        noClasses()
                .that()
                .resideInAPackage("org.seqpe.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.seqpe.data..",
                        "org.seqpe.compute..",
                        "org.seqpe.model..",
                        "org.seqpe.evaluation..",
                        "org.seqpe.spark..",
                        "org.seqpe.cli..")
                .check(classes);
        noClasses()
                .that()
                .resideInAnyPackage("org.seqpe.compute..", "org.seqpe.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.seqpe.data..", "org.seqpe.evaluation..", "org.seqpe.spark..", "org.seqpe.cli..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.seqpe.compute..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.seqpe.model..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.seqpe.data..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.seqpe.compute..",
                        "org.seqpe.model..",
                        "org.seqpe.evaluation..",
                        "org.seqpe.spark..",
                        "org.seqpe.cli..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.seqpe.evaluation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.seqpe.spark..", "org.seqpe.cli..")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.seqpe.spark..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.seqpe.cli..")
                .check(classes);
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
        DescribedPredicate<HasName> taskWord =
                DescribedPredicate.describe("say token, vocabulary, pixel or answer", ArchitectureTest::isTaskWord);
        noClasses()
                .that()
                .resideInAnyPackage(SHARED_BY_ALL_TASKS)
                .should()
                .haveNameMatching(".*\\.[^.]*(Token|Vocabulary|Pixel|Answer)[^.]*")
                .check(classes);
        noCodeUnits()
                .that()
                .areDeclaredInClassesThat(new DescribedPredicate<JavaClass>("are shared by all tasks") {
                    @Override
                    public boolean test(JavaClass type) {
                        return java.util.Arrays.stream(SHARED_BY_ALL_TASKS)
                                .anyMatch(pattern -> com.tngtech.archunit.core.domain.PackageMatcher.of(pattern)
                                        .matches(type.getPackageName()));
                    }
                })
                .and()
                .areNotPrivate()
                .should(com.tngtech.archunit.lang.conditions.ArchConditions.be(taskWord.forSubtype()))
                .check(classes);
    }

    private static boolean isTaskWord(HasName named) {
        if (!(named instanceof JavaCodeUnit)) {
            return false;
        }
        String name = named.getName().toLowerCase(Locale.ROOT);
        return name.contains("token") && !name.contains("clstoken")
                || name.contains("vocabulary")
                || name.contains("pixel")
                || name.contains("answer");
    }
}
