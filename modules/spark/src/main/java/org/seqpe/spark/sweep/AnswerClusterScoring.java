package org.seqpe.spark.sweep;

import java.io.Serializable;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.evaluation.Scored;
import org.seqpe.evaluation.qa.AnswerEvaluator;
import org.seqpe.evaluation.qa.AnswerPoint;
import org.seqpe.evaluation.qa.AnswerRun;
import org.seqpe.evaluation.qa.AnswerScorer;
import org.seqpe.evaluation.qa.AnswerScoring;
import org.seqpe.evaluation.qa.AnswerSums;
import org.seqpe.evaluation.qa.QuestionList;

/**
 * Asks questions with Spark's executors: one job for each run and length, a range of batches a task. Batches are those
 * of a sweep in one process, so the answers are the same.
 */
public final class AnswerClusterScoring implements AnswerScoring {
    private final RangeJob job;
    private final Map<String, ScoredAnswerRun> runs;
    private final EvaluationConfig evaluation;

    /**
     * @param runs by the names that the sweep's runs have
     * @param evaluation lengths, most questions, most tokens of an answer, and batch size
     */
    public AnswerClusterScoring(
            JavaSparkContext spark, Map<String, ScoredAnswerRun> runs, EvaluationConfig evaluation) {
        HadoopFiles.use(spark.hadoopConfiguration());
        this.job = new RangeJob(spark);
        this.runs = Map.copyOf(runs);
        this.evaluation = evaluation;
    }

    /** The given scorer and questions are not used: every task opens the run's model and data itself. */
    @Override
    public Scored<AnswerSums> score(
            AnswerRun run, AnswerScorer scorer, AnswerPoint point, QuestionList questions, LongConsumer scored) {
        RangeJob.Found<AnswerSums> found = job.run(
                "ask " + run.name() + " at " + point.length(),
                AnswerEvaluator.batches(point, evaluation.newTokens(), evaluation.batchTokens()),
                point.inputs(),
                new Task(runs.get(run.name()), point.length(), point.questions(), point.longest(), evaluation),
                scored,
                AnswerSums.class);
        AnswerSums sums = new AnswerSums();
        found.values().forEach(sums::merge);
        return new Scored<>(sums, found.peakMemoryBytes());
    }

    private record Task(ScoredAnswerRun run, int length, long questions, int longest, EvaluationConfig evaluation)
            implements RangeTask {
        @Override
        public Serializable measure(long from, long to, LongConsumer done) {
            try (AnswerSplit split = run.openSplit();
                    AnswerScorer scorer = run.openScorer()) {
                QuestionList list = QuestionList.at(split, evaluation.lengths(), length, evaluation.maxExamples());
                return new AnswerEvaluator(
                                scorer,
                                split,
                                list,
                                new AnswerPoint(length, questions, longest),
                                evaluation.newTokens(),
                                evaluation.batchTokens())
                        .sums(from, to, done);
            }
        }
    }
}
