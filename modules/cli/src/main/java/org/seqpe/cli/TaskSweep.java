package org.seqpe.cli;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.progress.Progress;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepView;

/**
 * How runs of a task are measured.
 *
 * @param <R> the task's rows
 */
interface TaskSweep<R extends SweepRow> {
    /** How the rows are shown. */
    SweepView<R> view();

    /**
     * Measures runs.
     *
     * @param evaluation what is measured
     * @param otherData a dataset to measure on instead of the runs' own, or null
     * @param spark whose executors compute, or null to compute in this process
     * @throws org.seqpe.core.UserException if a run's data cannot be used, before anything is measured
     */
    List<R> run(
            List<SweptRun> runs,
            EvaluationConfig evaluation,
            String otherData,
            JavaSparkContext spark,
            Progress progress);
}
