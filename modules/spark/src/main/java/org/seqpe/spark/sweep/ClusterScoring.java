package org.seqpe.spark.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.evaluation.Scored;
import org.seqpe.evaluation.text.Evaluator;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LossSums;
import org.seqpe.evaluation.text.Scoring;
import org.seqpe.evaluation.text.TokenScorer;
import org.seqpe.evaluation.text.WindowPlan;
import org.seqpe.spark.JobResults;

/**
 * Scores windows with Spark's executors: one job for each run, length and protocol, a range of batches a task. Losses
 * come back token by token, and the driver adds them up in the order of the stream, so the sums have the bits of a
 * sweep in one process.
 */
public final class ClusterScoring implements Scoring {
    /**
     * More than one, so that no slot idles long while the last tasks end; few, since each loads the model and encodes
     * the positions.
     */
    private static final int TASKS_PER_SLOT = 2;

    private final JavaSparkContext spark;
    private final Map<String, ScoredRun> runs;
    private final int batchTokens;

    /**
     * @param runs by the names that the sweep's runs have
     * @param batchTokens as in {@link Evaluator}
     */
    public ClusterScoring(JavaSparkContext spark, Map<String, ScoredRun> runs, int batchTokens) {
        HadoopFiles.use(spark.hadoopConfiguration());
        this.spark = spark;
        this.runs = Map.copyOf(runs);
        this.batchTokens = batchTokens;
    }

    /** The given scorer is not used: every task opens the run's model itself. */
    @Override
    public Scored<LossSums> score(LanguageRun run, TokenScorer scorer, WindowPlan plan, LongConsumer scored) {
        String what = "measure " + run.name() + " at " + plan.length() + ", stride " + plan.stride();
        LongAccumulator inputs = spark.sc().longAccumulator(what);
        ScoringTask task = new ScoringTask(runs.get(run.name()), plan, batchTokens, inputs);
        List<ScoringTask.Batches> ranges = ranges(plan.batches(batchTokens), slots() * TASKS_PER_SLOT);
        spark.setJobDescription(what);
        try {
            long[] told = {0};
            List<ScoringTask.Result> results = JobResults.await(
                    what,
                    spark.parallelize(ranges, ranges.size()).map(task::call).collectAsync(),
                    () -> {
                        // Tasks that are repeated count their inputs again.
                        long done = Math.min(plan.inputs(), inputs.value());
                        scored.accept(done - told[0]);
                        told[0] = done;
                    });
            LossSums sums = merge(plan, results);
            scored.accept(plan.inputs() - told[0]);
            return new Scored<>(
                    sums,
                    results.stream()
                            .mapToLong(ScoringTask.Result::peakMemoryBytes)
                            .filter(bytes -> bytes >= 0)
                            .max());
        } finally {
            spark.setJobDescription(null);
        }
    }

    private int slots() {
        return Math.max(1, spark.defaultParallelism() / spark.getConf().getInt("spark.task.cpus", 1));
    }

    /** Up to {@code most} ranges that differ by at most one batch. */
    private static List<ScoringTask.Batches> ranges(long batches, int most) {
        int count = (int) Math.min(batches, most);
        List<ScoringTask.Batches> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ranges.add(new ScoringTask.Batches(batches * i / count, batches * (i + 1) / count));
        }
        return ranges;
    }

    private LossSums merge(WindowPlan plan, List<ScoringTask.Result> results) {
        LossSums sums = new LossSums();
        long batch = 0;
        for (ScoringTask.Result result : results) {
            if (result.failure() != null) {
                if (result.failure().outOfMemory()) {
                    throw new OutOfMemoryError(result.failure().message());
                }
                throw new UserException(result.failure().message());
            }
            for (float[] losses : result.losses()) {
                sums.merge(Evaluator.sums(plan.batch(batch, batchTokens), losses));
                batch++;
            }
        }
        return sums;
    }
}
