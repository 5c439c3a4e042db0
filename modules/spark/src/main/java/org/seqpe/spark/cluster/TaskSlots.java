package org.seqpe.spark.cluster;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.UserException;
import org.seqpe.core.config.TrainConfig;
import org.seqpe.core.progress.Progress;

/**
 * How many tasks a cluster can run at once, by cores and by resources. Spark waits for slots for ever; training waits
 * {@code train.cluster-timeout}, before its first round for one slot a replica, and in the middle of a run for any. An
 * embedded Spark has all its slots from the beginning, and its replicas may take turns.
 */
public final class TaskSlots implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final long WATCH_MILLIS = 1000;
    private final JavaSparkContext spark;
    private final String jobGroup;
    private final Duration timeout;
    private final ScheduledExecutorService watch;
    private long lastSeen = System.nanoTime();
    private volatile String problem;

    /**
     * Watches the jobs of a group, and cancels them when there has been no slot for the length of the timeout.
     *
     * @param jobGroup of Spark's jobs
     */
    public TaskSlots(JavaSparkContext spark, String jobGroup, Duration timeout) {
        this.spark = spark;
        this.jobGroup = jobGroup;
        this.timeout = timeout;
        if (spark.isLocal()) {
            watch = null;
            return;
        }
        watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "task-slots");
            thread.setDaemon(true);
            return thread;
        });
        watch.scheduleWithFixedDelay(this::look, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Waits until there is a slot for each replica.
     *
     * @param stop ends the wait
     * @throws UserException where there are too few after the timeout
     */
    public static void await(JavaSparkContext spark, TrainConfig train, BooleanSupplier stop, Progress progress) {
        // With dynamic allocation, executors come when tasks wait for them.
        if (spark.isLocal() || spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
            return;
        }
        int needed = train.allowWaves() ? 1 : train.replicas();
        int found = count(spark.sc());
        int shown = 0;
        long end = System.nanoTime() + train.clusterTimeout().toNanos();
        while (found < needed && !stop.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new UserException("Cannot train " + train.replicas() + " replicas at once on " + spark.master()
                        + ": expected " + needed + " task slots, found " + found
                        + " after " + train.clusterTimeout().toSeconds() + " s (" + describe(spark.sc())
                        + "). Give the application more executors or cores, wait longer "
                        + "(train.cluster-timeout)"
                        + (needed == 1
                                ? "."
                                : ", use fewer replicas, or let them take turns (train.allow-waves = true)."));
            }
            if (shown == 0) {
                progress.start("Waiting for " + needed + " task slots", needed);
            }
            progress.advance(found - shown, "");
            shown = found;
            sleep();
            found = count(spark.sc());
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for task slots", e);
        }
    }

    private static int count(SparkContext spark) {
        return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
    }

    /** Executors and what decides how many tasks each can run. */
    private static String describe(SparkContext spark) {
        // The driver is listed as one of them.
        int executors = spark.statusTracker().getExecutorInfos().length - 1;
        SparkConf conf = spark.conf();
        return executors + " executors; spark.task.cpus = " + conf.get("spark.task.cpus", "1")
                + Arrays.stream(conf.getAll())
                        .filter(
                                setting -> setting._1()
                                        .matches(
                                                "spark\\.(executor\\.cores|cores\\.max|executor\\.instances|(executor|task)\\.resource\\..+\\.amount)"))
                        .map(setting -> ", " + setting._1() + " = " + setting._2())
                        .sorted()
                        .collect(Collectors.joining());
    }

    private void look() {
        if (spark.sc().isStopped() || count(spark.sc()) > 0) {
            lastSeen = System.nanoTime();
        } else if (System.nanoTime() - lastSeen > timeout.toNanos()) {
            problem = "the cluster had no task slot for " + timeout.toSeconds() + " s (" + describe(spark.sc())
                    + "); train.cluster-timeout says how long to wait";
            spark.cancelJobGroup(jobGroup);
        }
    }

    /** Why jobs were cancelled; null where they were not. */
    public String problem() {
        return problem;
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.shutdownNow();
        }
    }
}
