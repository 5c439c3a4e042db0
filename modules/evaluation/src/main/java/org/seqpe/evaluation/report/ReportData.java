package org.seqpe.evaluation.report;

import java.util.List;
import java.util.Map;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepView;

/**
 * What a report shows. Runs are matched by name; any of the lists may be empty.
 *
 * @param title heading of the page
 * @param view how the rows are shown
 * @param rows of one or more sweeps
 * @param groups the name of each run's group, by the run's name: tables of runs and plots then show groups; empty to
 *     show runs
 * @param curves training curves
 * @param provenance where the runs come from
 * @param <R> the task's rows
 */
public record ReportData<R extends SweepRow>(
        String title,
        SweepView<R> view,
        List<R> rows,
        Map<String, String> groups,
        List<TrainingCurve> curves,
        List<Provenance> provenance) {
    public ReportData {
        rows = List.copyOf(rows);
        groups = Map.copyOf(groups);
        curves = List.copyOf(curves);
        provenance = List.copyOf(provenance);
    }

    /** Data that are shown run by run. */
    public ReportData(
            String title, SweepView<R> view, List<R> rows, List<TrainingCurve> curves, List<Provenance> provenance) {
        this(title, view, rows, Map.of(), curves, provenance);
    }
}
