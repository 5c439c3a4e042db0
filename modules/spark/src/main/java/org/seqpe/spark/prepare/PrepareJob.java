package org.seqpe.spark.prepare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.TokenDataset;
import org.seqpe.data.prepare.Preparation;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.spark.ExecutorFiles;

/** Makes a dataset with Spark's executors: {@link Preparation}'s tasks, one Spark task each. Text and tokens go through files; the driver sees names and counts. */
public final class PrepareJob {
    /** Beyond this many, tasks share Spark tasks. */
    private static final int MOST_PARTITIONS = 10_000;
    private static final long POLL_MILLIS = 100;

    private PrepareJob() {
    }

    /**
     * Prepares a dataset on any Hadoop path that driver and executors share.
     *
     * @throws org.seqpe.core.UserException if the input or the output cannot be used
     */
    public static TokenDataset run(JavaSparkContext spark, PrepareRequest request, PrepareProgress progress) {
        return run(spark, request, progress, MOST_PARTITIONS);
    }

    static TokenDataset run(JavaSparkContext spark, PrepareRequest request, PrepareProgress progress, int mostPartitions) {
        HadoopFiles.use(spark.hadoopConfiguration());
        // Names a folder that is gone when the dataset is done: it must differ between jobs, and nothing in the dataset depends on it.
        String unique = UUID.randomUUID().toString().substring(0, 8);
        return new Preparation(request, new SparkRunner(spark, progress, mostPartitions), progress, unique).run();
    }

    private record SparkRunner(JavaSparkContext spark, PrepareProgress progress, int mostPartitions) implements TaskRunner {
        @Override
        public List<String> run(String stage, List<String> tasks, Work work) {
            if (tasks.isEmpty()) {
                return List.of();
            }
            LongAccumulator done = spark.sc().longAccumulator("prepare: " + stage);
            spark.setJobDescription("prepare: " + stage);
            try {
                JavaRDD<String> distributed = spark.parallelize(new ArrayList<>(tasks), Math.min(tasks.size(), mostPartitions));
                return await(stage, distributed.map(new SparkWork(work, done)::call).collectAsync(), done);
            } finally {
                spark.setJobDescription(null);
            }
        }

        private List<String> await(String stage, JavaFutureAction<List<String>> job, LongAccumulator done) {
            try {
                while (true) {
                    try {
                        List<String> results = job.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                        progress.done(results.size());
                        return results;
                    } catch (TimeoutException e) {
                        progress.done(Math.toIntExact(done.value()));
                    }
                }
            } catch (InterruptedException e) {
                job.cancel(true);
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Preparation was interrupted.", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException("Cannot prepare (" + stage + "): " + rootMessage(e), e.getCause());
            }
        }

        /** What went wrong in the task; Spark's own message has the whole stack trace in it. */
        private static String rootMessage(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null && root.getCause().getMessage() != null) {
                root = root.getCause();
            }
            return root.getMessage();
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
