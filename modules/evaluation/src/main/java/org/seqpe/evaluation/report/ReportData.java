package org.seqpe.evaluation.report;

import java.util.List;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepView;

/**
 * What a report shows. Runs are matched by name; any of the lists may be empty.
 *
 * @param title heading of the page
 * @param view how the rows are shown
 * @param rows of one or more sweeps
 * @param curves training curves
 * @param provenance where the runs come from
 * @param <R> the task's rows
 */
public record ReportData<R extends SweepRow>(
        String title, SweepView<R> view, List<R> rows, List<TrainingCurve> curves, List<Provenance> provenance) {
    public ReportData {
        rows = List.copyOf(rows);
        curves = List.copyOf(curves);
        provenance = List.copyOf(provenance);
    }
}
