package org.seqpe.spark.sweep;

import java.util.ArrayList;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.evaluation.Scored;
import org.seqpe.evaluation.text.Evaluator;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LossSums;
import org.seqpe.evaluation.text.Scoring;
import org.seqpe.evaluation.text.TokenScorer;
import org.seqpe.evaluation.text.WindowPlan;

/**
 * Scores windows with Spark's executors: one job for each run, length and protocol, a range of batches a task. Losses
 * come back token by token, and the driver adds them up in the order of the stream, so the sums have the bits of a
 * sweep in one process.
 */
public final class ClusterScoring implements Scoring {
    private final RangeJob job;
    private final Map<String, ScoredRun> runs;
    private final int batchTokens;

    /**
     * @param runs by the names that the sweep's runs have
     * @param batchTokens as in {@link Evaluator}
     */
    public ClusterScoring(JavaSparkContext spark, Map<String, ScoredRun> runs, int batchTokens) {
        HadoopFiles.use(spark.hadoopConfiguration());
        this.job = new RangeJob(spark);
        this.runs = Map.copyOf(runs);
        this.batchTokens = batchTokens;
    }

    /** The given scorer is not used: every task opens the run's model itself. */
    @Override
    public Scored<LossSums> score(LanguageRun run, TokenScorer scorer, WindowPlan plan, LongConsumer scored) {
        RangeJob.Found<?> found = job.run(
                "measure " + run.name() + " at " + plan.length() + ", stride " + plan.stride(),
                plan.batches(batchTokens),
                plan.inputs(),
                new ScoringTask(runs.get(run.name()), plan, batchTokens),
                scored,
                ArrayList.class);
        LossSums sums = new LossSums();
        long batch = 0;
        for (Object ofTask : found.values()) {
            for (Object losses : (ArrayList<?>) ofTask) {
                sums.merge(Evaluator.sums(plan.batch(batch, batchTokens), (float[]) losses));
                batch++;
            }
        }
        return new Scored<>(sums, found.peakMemoryBytes());
    }
}
