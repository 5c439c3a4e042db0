package org.seqpe.evaluation.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.Intervals;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepView;

/**
 * Shows the rows of a task by groups of runs. A group's value is the mean over its runs, and its interval is that of
 * this mean by the spread between the runs; a group of one run has that run's own interval.
 *
 * @param <R> the task's rows
 */
public final class GroupedView<R extends SweepRow> implements SweepView<GroupedRow> {
    private final SweepView<R> view;
    private final List<R> rows;
    private final Map<String, String> groups;

    /**
     * @param view how the task's rows are shown
     * @param rows of the task
     * @param groups the name of each run's group, by the run's name; a run without one is a group of its own
     */
    public GroupedView(SweepView<R> view, List<R> rows, Map<String, String> groups) {
        this.view = view;
        this.rows = List.copyOf(rows);
        this.groups = Map.copyOf(groups);
    }

    /** One row for each group, series and point, in the order in which the first run of each stands. */
    public List<GroupedRow> grouped() {
        Map<List<Object>, List<R>> together = new LinkedHashMap<>();
        for (R row : rows) {
            String group = groups.getOrDefault(row.run(), row.run());
            together.computeIfAbsent(List.of(group, row.series(), row.at()), key -> new ArrayList<>())
                    .add(row);
        }
        return together.entrySet().stream()
                .map(entry -> row((String) entry.getKey().get(0), entry.getValue()))
                .toList();
    }

    private GroupedRow row(String group, List<R> members) {
        List<R> measured =
                members.stream().filter(row -> row.status() == Status.OK).toList();
        R first = measured.isEmpty() ? members.get(0) : measured.get(0);
        Map<String, Estimate> estimates = new HashMap<>();
        for (Measure<R> measure : view.measures()) {
            List<Estimate> values = measured.stream()
                    .map(measure.value())
                    .filter(Objects::nonNull)
                    .toList();
            if (!values.isEmpty()) {
                estimates.put(measure.key(), mean(values, measure.limit()));
            }
        }
        String message = first.message();
        if (!measured.isEmpty() && measured.size() < members.size()) {
            message = measured.size() + " of " + members.size() + " runs have a result";
        }
        return new GroupedRow(
                group,
                first.encoding(),
                first.series(),
                first.at(),
                first.trainedAt(),
                estimates,
                first.status(),
                message);
    }

    /** No measure is negative, and some have a largest value. */
    private static Estimate mean(List<Estimate> values, Double limit) {
        if (values.size() == 1) {
            return values.get(0);
        }
        double[] runs = values.stream().mapToDouble(Estimate::value).toArray();
        Interval interval = Intervals.mean(runs);
        double highest = limit == null ? Double.MAX_VALUE : limit;
        return Estimate.of(
                Arrays.stream(runs).average().orElseThrow(),
                Optional.of(interval.map(end -> Math.min(highest, Math.max(0, end)))));
    }

    @Override
    public Class<GroupedRow> rows() {
        return GroupedRow.class;
    }

    @Override
    public Axis axis() {
        return view.axis();
    }

    @Override
    public List<Measure<GroupedRow>> measures() {
        return view.measures().stream()
                .map(measure -> new Measure<GroupedRow>(
                        measure.key(),
                        measure.name(),
                        measure.lowerIsBetter(),
                        row -> row.estimates().get(measure.key()),
                        measure.text(),
                        measure.limit()))
                .toList();
    }

    /** The rows of the runs have the details. */
    @Override
    public List<Detail<GroupedRow>> details() {
        return List.of();
    }

    @Override
    public String title(String series, List<GroupedRow> ofSeries) {
        return view.title(
                series, rows.stream().filter(row -> row.series().equals(series)).toList());
    }

    @Override
    public String lossUnit() {
        return view.lossUnit();
    }

    @Override
    public String positions() {
        return view.positions();
    }

    @Override
    public String definitions() {
        return view.definitions();
    }
}
