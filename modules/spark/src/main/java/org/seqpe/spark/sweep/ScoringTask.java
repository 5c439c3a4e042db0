package org.seqpe.spark.sweep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.function.LongConsumer;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.text.Evaluator;
import org.seqpe.evaluation.text.TokenScorer;
import org.seqpe.evaluation.text.WindowPlan;

/**
 * Scores consecutive batches of a plan; model and position vectors are made once for all of them. It returns a list of
 * the losses of each batch, as {@link Evaluator#losses} gives them.
 */
record ScoringTask(ScoredRun run, WindowPlan plan, int batchTokens) implements RangeTask {

    @Override
    public Serializable measure(long from, long to, LongConsumer done) {
        ArrayList<float[]> losses = new ArrayList<>();
        try (TokenSplit split = run.openTokens();
                TokenScorer scorer = run.openScorer()) {
            Evaluator evaluator = new Evaluator(scorer, split, plan, batchTokens);
            for (long i = from; i < to; i++) {
                losses.add(evaluator.losses(i));
                WindowPlan.Window[] windows = plan.batch(i, batchTokens);
                done.accept((long) windows.length * windows[0].inputs());
            }
        }
        return losses;
    }
}
