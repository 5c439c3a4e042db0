package org.seqpe.evaluation;

import java.util.List;

/**
 * What a report shows. Runs are matched by name; any of the lists may be empty.
 *
 * @param title heading of the page
 * @param rows of one or more sweeps
 * @param curves training curves
 * @param provenance where the runs come from
 */
public record ReportData(String title, List<SweepRow> rows, List<TrainingCurve> curves, List<Provenance> provenance) {
    public ReportData {
        rows = List.copyOf(rows);
        curves = List.copyOf(curves);
        provenance = List.copyOf(provenance);
    }
}
