package org.seqpe.model.golden;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;

/**
 * Runs a {@code @ParameterizedTest(name = "{0}")} once for each {@link GoldenCase} of the named kinds, its only
 * argument. The test is skipped, with the reason, when the current set has none.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ArgumentsSource(GoldenSource.Cases.class)
@ExtendWith(GoldenSource.SkipWithoutCases.class)
public @interface GoldenSource {

    /** The kinds of cases, as in the manifest. */
    String[] value();

    /** Supplies the cases. */
    final class Cases implements ArgumentsProvider, AnnotationConsumer<GoldenSource> {
        private String[] kinds;

        @Override
        public void accept(GoldenSource source) {
            kinds = source.value();
        }

        @Override
        public Stream<Arguments> provideArguments(ExtensionContext context) {
            return GoldenSet.current().cases(kinds).map(Arguments::of);
        }
    }

    /**
     * A parameterized test without arguments fails, as it should where the project's own set misses a kind. A set that
     * somebody else brings (-Dseqpe.golden) need not have every kind.
     */
    final class SkipWithoutCases implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String[] kinds = context.getRequiredTestMethod()
                    .getAnnotation(GoldenSource.class)
                    .value();
            return GoldenSet.isBundled()
                            || GoldenSet.current().cases(kinds).findAny().isPresent()
                    ? ConditionEvaluationResult.enabled("the golden set has such cases, or must have them")
                    : ConditionEvaluationResult.disabled("the golden set "
                            + GoldenSet.current().folder() + " has no case of kind " + Arrays.toString(kinds));
        }
    }
}
