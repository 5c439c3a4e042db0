package org.seqpe.evaluation.text;

import java.util.function.LongConsumer;
import org.seqpe.evaluation.Scored;

/**
 * Where the windows of a measurement are scored. Whoever does it, the sums have the bits that {@link Evaluator#run}
 * gives.
 */
@FunctionalInterface
public interface Scoring {

    /**
     * Scores all windows of a plan.
     *
     * @param scorer the run's model, open in this process
     * @param scored receives the number of inputs that are done
     * @throws NonFiniteLossException if a loss is NaN or infinite
     */
    Scored<LossSums> score(LanguageRun run, TokenScorer scorer, WindowPlan plan, LongConsumer scored);

    /** In this process, batch after batch. */
    static Scoring here(int batchTokens) {
        return (run, scorer, plan, scored) ->
                Scored.here(() -> new Evaluator(scorer, run.tokens(), plan, batchTokens).run(scored));
    }
}
