package org.seqpe.evaluation.group;

import java.util.Map;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.SweepRow;

/**
 * What a group of runs has in common at a point.
 *
 * @param run name of the group
 * @param encoding position encoding of its runs
 * @param series the way of measuring
 * @param at where on the axis the runs were measured
 * @param trainedAt where on the axis they were trained
 * @param estimates mean over the runs of each measure that they have, by its key
 * @param status OK if a run of the group has a result
 * @param message how many runs have one, where some have none; otherwise why no run has one
 */
public record GroupedRow(
        String run,
        String encoding,
        String series,
        AxisValue at,
        AxisValue trainedAt,
        Map<String, Estimate> estimates,
        Status status,
        String message)
        implements SweepRow {
    public GroupedRow {
        estimates = Map.copyOf(estimates);
    }

    @Override
    public GroupedRow withRun(String name) {
        return new GroupedRow(name, encoding, series, at, trainedAt, estimates, status, message);
    }
}
