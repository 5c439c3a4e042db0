package org.seqpe.spark.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.image.corpus.ImageColumns;
import org.seqpe.data.image.corpus.ImageCorpusFinder;
import org.seqpe.data.image.prepare.ImagePreparation;
import org.seqpe.data.image.prepare.ImageRequest;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.prepare.Preparation;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.corpus.AnswerCorpusFinder;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.prepare.AnswerPreparation;
import org.seqpe.data.qa.prepare.AnswerRequest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.spark.ExecutorFiles;
import org.seqpe.spark.JobResults;

/**
 * Makes a dataset with Spark's executors: the tasks of {@link Preparation}, {@link ImagePreparation} or
 * {@link AnswerPreparation}, one Spark task each. Text, tokens and pictures go through files; the driver sees names and
 * counts.
 */
public final class PrepareJob {
    /** Beyond this many, tasks share Spark tasks. */
    private static final int MOST_PARTITIONS = 10_000;

    private PrepareJob() {}

    /**
     * Prepares a dataset on any Hadoop path that driver and executors share.
     *
     * @throws org.seqpe.core.UserException if the input or the output cannot be used
     */
    public static TokenDataset run(JavaSparkContext spark, PrepareRequest request, PrepareProgress progress) {
        return run(spark, request, progress, MOST_PARTITIONS);
    }

    static TokenDataset run(
            JavaSparkContext spark, PrepareRequest request, PrepareProgress progress, int mostPartitions) {
        return new Preparation(request, runner(spark, progress, mostPartitions), progress, unique()).run();
    }

    /**
     * Whether inputs are pictures: because the kind of the corpus says so, or because they look like it.
     *
     * @param corpus the id of a kind of pictures or of text, or "auto"
     * @throws org.seqpe.core.UserException if an input is missing
     */
    public static boolean isOfPictures(
            JavaSparkContext spark, List<String> inputs, String corpus, ImageColumns columns) {
        HadoopFiles.use(spark.hadoopConfiguration());
        return ImageCorpusFinder.isOfPictures(inputs, corpus, columns);
    }

    /**
     * Prepares a dataset of pictures on any Hadoop path that driver and executors share.
     *
     * @throws org.seqpe.core.UserException if the input or the output cannot be used
     */
    public static ImageDataset run(JavaSparkContext spark, ImageRequest request, PrepareProgress progress) {
        return run(spark, request, progress, MOST_PARTITIONS);
    }

    static ImageDataset run(
            JavaSparkContext spark, ImageRequest request, PrepareProgress progress, int mostPartitions) {
        return new ImagePreparation(request, runner(spark, progress, mostPartitions), progress, unique()).run();
    }

    /**
     * The kind of questions and answers that inputs are: because it is named, or because they look like it. Empty if
     * they are something else.
     *
     * @param corpus the id of any kind, or "auto"
     * @throws org.seqpe.core.UserException if an input is missing
     */
    public static Optional<AnswerCorpusKind> kindOfAnswers(JavaSparkContext spark, List<String> inputs, String corpus) {
        HadoopFiles.use(spark.hadoopConfiguration());
        return AnswerCorpusFinder.kindOf(inputs, corpus);
    }

    /**
     * Prepares a dataset of questions and answers on any Hadoop path that driver and executors share.
     *
     * @throws org.seqpe.core.UserException if the input or the output cannot be used
     */
    public static AnswerDataset run(JavaSparkContext spark, AnswerRequest request, PrepareProgress progress) {
        return run(spark, request, progress, MOST_PARTITIONS);
    }

    static AnswerDataset run(
            JavaSparkContext spark, AnswerRequest request, PrepareProgress progress, int mostPartitions) {
        return new AnswerPreparation(request, runner(spark, progress, mostPartitions), progress, unique()).run();
    }

    private static SparkRunner runner(JavaSparkContext spark, PrepareProgress progress, int mostPartitions) {
        HadoopFiles.use(spark.hadoopConfiguration());
        return new SparkRunner(spark, progress, mostPartitions);
    }

    /**
     * Names a folder that is gone when the dataset is done: it must differ between jobs, and nothing in the dataset
     * depends on it.
     */
    private static String unique() {
        return UUID.randomUUID().toString().substring(0, 8);
    }

    private record SparkRunner(JavaSparkContext spark, PrepareProgress progress, int mostPartitions)
            implements TaskRunner {
        @Override
        public List<String> run(String stage, List<String> tasks, Work work) {
            if (tasks.isEmpty()) {
                return List.of();
            }
            LongAccumulator done = spark.sc().longAccumulator("prepare: " + stage);
            spark.setJobDescription("prepare: " + stage);
            try {
                JavaRDD<String> distributed =
                        spark.parallelize(new ArrayList<>(tasks), Math.min(tasks.size(), mostPartitions));
                List<String> results = JobResults.await(
                        "prepare (" + stage + ")",
                        distributed.map(new SparkWork(work, done)::call).collectAsync(),
                        () -> progress.done(Math.toIntExact(done.value())));
                progress.done(results.size());
                return results;
            } finally {
                spark.setJobDescription(null);
            }
        }
    }

    /** What an executor does for one task. */
    private record SparkWork(TaskRunner.Work work, LongAccumulator done) implements Serializable {
        String call(String task) {
            ExecutorFiles.useSparksSettings();
            String result = work.run(task, Long.toString(TaskContext.get().taskAttemptId()));
            done.add(1);
            return result;
        }
    }
}
