package org.seqpe.evaluation.qa;

import java.util.function.LongConsumer;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.evaluation.Scored;

/** Where the questions of a measurement are asked. Whoever does it, the answers are the same. */
@FunctionalInterface
public interface AnswerScoring {

    /**
     * Asks all questions of a point.
     *
     * @param scorer the run's model, open in this process
     * @param scored receives the number of inputs that are done
     * @throws NonFiniteAnswerException if a loss is NaN or infinite
     */
    Scored<AnswerSums> score(
            AnswerRun run, AnswerScorer scorer, AnswerPoint point, QuestionList questions, LongConsumer scored);

    /** In this process, batch after batch. */
    static AnswerScoring here(EvaluationConfig config) {
        return (run, scorer, point, questions, scored) -> Scored.here(() -> new AnswerEvaluator(
                        scorer, run.split(), questions, point, config.newTokens(), config.batchTokens())
                .sums(0, AnswerEvaluator.batches(point, config.newTokens(), config.batchTokens()), scored));
    }
}
