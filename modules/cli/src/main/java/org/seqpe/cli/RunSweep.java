package org.seqpe.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.SweepRow;

/**
 * Measures run folders: finds each one's checkpoint, and hands them to the {@link TaskSweep} of their task.
 *
 * @param <R> the task's rows
 */
final class RunSweep<R extends SweepRow> {
    private final List<RunFolder> runs;
    private final TaskSweep<R> task;
    private final RunLabels labels;
    private final List<String> overrides;
    private final String otherData;
    private final CheckpointChoice which;

    private RunSweep(
            List<RunFolder> runs, TaskSweep<R> task, List<String> overrides, String otherData, CheckpointChoice which) {
        this.runs = List.copyOf(runs);
        this.task = task;
        this.labels = new RunLabels(runs);
        this.overrides = List.copyOf(overrides);
        this.otherData = otherData;
        this.which = which;
    }

    /**
     * The sweep of runs of one task.
     *
     * @param overrides applied to the runs' configurations; the first run's evaluation section defines what is measured
     * @param otherData a dataset to measure on instead of the runs' own, or null
     * @param which the checkpoint to measure
     * @throws UserException if a folder is not a run, or is named twice, or runs have different tasks
     */
    static RunSweep<?> of(List<RunFolder> runs, List<String> overrides, String otherData, CheckpointChoice which) {
        return new RunSweep<>(runs, RunTasks.of(runs), overrides, otherData, which);
    }

    /** Writes the rows of this sweep. */
    RunReports<R> reports() {
        return new RunReports<>(task.view());
    }

    /**
     * Measures the runs.
     *
     * @param spark whose executors compute, or null to compute in this process
     * @throws UserException if a run, its data or its checkpoint cannot be used, before anything is measured
     */
    List<R> run(JavaSparkContext spark, Progress progress) {
        if (spark != null) {
            HadoopFiles.use(spark.hadoopConfiguration());
        }
        EvaluationConfig evaluation = runs.get(0).config(overrides).evaluation();
        List<SweptRun> swept = new ArrayList<>();
        for (RunFolder run : runs) {
            swept.add(new SweptRun(
                    run, labels.of(run), run.config(overrides), which.of(run).file(Checkpoints.MODEL)));
        }
        return task.run(swept, evaluation, otherData, spark, progress);
    }

    /** The rows that are about one of the runs, under its own name. */
    List<R> rowsOf(RunFolder run, List<R> rows) {
        String name = run.config().name();
        Class<R> type = task.view().rows();
        return rows.stream()
                .filter(row -> row.run().equals(labels.of(run)))
                .map(row -> type.cast(row.withRun(name)))
                .toList();
    }
}
