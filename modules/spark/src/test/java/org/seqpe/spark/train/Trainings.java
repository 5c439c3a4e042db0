package org.seqpe.spark.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.SparkSessions;

/** Trains runs in a folder, and says what they left. */
final class Trainings {
    /** Settings of an embedded Spark. */
    static final Map<String, String> LOCAL = Map.of("spark.ui.enabled", "false");

    private final Path folder;

    Trainings(Path folder) {
        this.folder = folder;
    }

    /** What is done with a Spark. */
    interface Work<T> {
        T on(JavaSparkContext spark);
    }

    static <T> T with(String master, Map<String, String> settings, Work<T> work) {
        try (var session = SparkSessions.create(master, "train", new HashMap<>(settings))) {
            return work.on(new JavaSparkContext(session.sparkContext()));
        }
    }

    TrainSummary train(String master, Map<String, String> settings, RunConfig config, String run) {
        return with(master, settings, spark -> TrainJob.run(spark, config, path(run), Progress.none()));
    }

    /** Trains on an embedded Spark of three threads. */
    TrainSummary train(RunConfig config, String run, TrainOptions options) {
        return with("local[3]", LOCAL, spark -> TrainJob.run(spark, config, path(run), options, Progress.none()));
    }

    /** The folder of a run. */
    String path(String run) {
        return folder.resolve(run).toString();
    }

    Checkpoints.Checkpoint last(String run) {
        return new RunFolder(path(run)).checkpoints().latest().orElseThrow();
    }

    /** Names and hashes of everything that a run has at its end. */
    List<String> files(String run) {
        return last(run).manifest().files().stream()
                .map(file -> file.name() + " " + file.sha256())
                .toList();
    }
}
