package org.seqpe.evaluation.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Numbers;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepView;
import org.seqpe.evaluation.SweepView.Detail;
import org.seqpe.evaluation.SweepView.Measure;
import org.seqpe.evaluation.report.Table.Cell;
import org.seqpe.evaluation.report.Table.Column;
import org.seqpe.evaluation.report.Table.Mark;

/**
 * The tables that a sweep is read from.
 *
 * @param <R> the task's rows
 */
public final class SweepTables<R extends SweepRow> {
    private final SweepView<R> view;
    private final Measure<R> measure;
    private final List<Detail<R>> details;

    /** @param view how the task's rows are shown; its first measure is the one that runs are compared by */
    public SweepTables(SweepView<R> view) {
        this.view = view;
        this.measure = view.measures().get(0);
        this.details = Stream.of(
                        List.of(
                                new Detail<R>("run", false, SweepRow::run),
                                new Detail<R>("encoding", false, row -> Numbers.text(row.encoding()))),
                        view.details(),
                        List.of(
                                new Detail<R>("status", false, row -> status(row.status())),
                                new Detail<R>("message", false, SweepRow::message)))
                .flatMap(List::stream)
                .toList();
    }

    /**
     * The rows of one series: a line for each run in the order of their first row, a column for each point of the axis.
     * The best value of a column is marked where several runs have one.
     */
    public Table pivot(List<R> rows, String series) {
        List<R> chosen = of(rows, series);
        List<AxisValue> points = chosen.stream().map(R::at).distinct().sorted().toList();
        List<Column> columns = new ArrayList<>(
                List.of(new Column("run", false), new Column("encoding", false), new Column("trained at", true)));
        points.forEach(point -> columns.add(new Column(point.text(), true)));
        List<List<Cell>> lines = new ArrayList<>();
        for (String run : chosen.stream().map(R::run).distinct().toList()) {
            List<R> ofRun = chosen.stream().filter(row -> row.run().equals(run)).toList();
            List<Cell> line = new ArrayList<>(List.of(
                    Cell.of(run),
                    Cell.of(Numbers.text(ofRun.get(0).encoding())),
                    Cell.of(Numbers.text(ofRun.get(0).trainedAt()))));
            for (AxisValue point : points) {
                List<R> competitors =
                        chosen.stream().filter(row -> row.at().equals(point)).toList();
                line.add(ofRun.stream()
                        .filter(row -> row.at().equals(point))
                        .findFirst()
                        .map(row -> cell(row, best(competitors)))
                        .orElse(Cell.missing(Numbers.NONE)));
            }
            lines.add(line);
        }
        return new Table(columns, lines);
    }

    /** Every row with its main measures. */
    public Table detail(List<R> rows) {
        return new Table(
                details.stream()
                        .map(detail -> new Column(detail.name(), detail.number()))
                        .toList(),
                rows.stream()
                        .map(row -> details.stream()
                                .map(detail -> cell(detail, row))
                                .toList())
                        .toList());
    }

    /** The pivot table of every series and the detail table, under headings: what a command prints. */
    public String toText(List<R> rows) {
        return pivotsToText(rows) + "All measurements:\n\n" + detail(rows).toText();
    }

    /** The pivot table of every series, under headings. */
    public String pivotsToText(List<R> rows) {
        return series(rows).stream()
                .map(series -> measure.name() + ", " + title(rows, series) + ":\n\n"
                        + pivot(rows, series).toText() + "\n")
                .collect(Collectors.joining());
    }

    /** The same as {@link #toText} in GitHub's Markdown. */
    public String toMarkdown(List<R> rows, int level) {
        String heading = "#".repeat(level) + " ";
        return series(rows).stream()
                        .map(series -> heading + measure.name() + ", " + title(rows, series) + "\n\n"
                                + pivot(rows, series).toMarkdown() + "\n")
                        .collect(Collectors.joining())
                + heading + "All measurements\n\n" + detail(rows).toMarkdown();
    }

    List<String> series(List<R> rows) {
        return rows.stream().map(R::series).distinct().toList();
    }

    String title(List<R> rows, String series) {
        return view.title(series, of(rows, series));
    }

    private List<R> of(List<R> rows, String series) {
        return rows.stream().filter(row -> row.series().equals(series)).toList();
    }

    private Optional<Double> best(List<R> competitors) {
        List<Double> values = competitors.stream()
                .map(measure.value())
                .filter(Objects::nonNull)
                .map(Estimate::value)
                .toList();
        if (values.size() < 2) {
            return Optional.empty();
        }
        return measure.lowerIsBetter()
                ? values.stream().min(Double::compare)
                : values.stream().max(Double::compare);
    }

    private Cell cell(R row, Optional<Double> best) {
        if (row.status() != Status.OK) {
            return Cell.missing(status(row.status()));
        }
        Estimate estimate = measure.value().apply(row);
        boolean isBest = estimate != null && best.isPresent() && best.get() == estimate.value();
        return new Cell(
                Numbers.text(estimate, measure.text()),
                Numbers.margin(estimate, measure.text()),
                isBest ? Mark.BEST : Mark.PLAIN);
    }

    private Cell cell(Detail<R> detail, R row) {
        return new Cell(
                detail.text().apply(row),
                detail.margin().apply(row),
                detail.name().equals("status") && row.status() != Status.OK ? Mark.MISSING : Mark.PLAIN);
    }

    private static String status(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
