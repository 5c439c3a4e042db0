package org.seqpe.evaluation.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.seqpe.evaluation.AxisValue;
import org.seqpe.evaluation.Estimate;
import org.seqpe.evaluation.Interval;
import org.seqpe.evaluation.PositionCurve;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.SweepView;

/** The numbers behind the plots of a report, as the JSON that report.js reads. */
final class ReportCharts {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Points of a training curve: more than a screen can show apart. */
    private static final int CURVE_POINTS = 1000;

    /**
     * Everything that report.js reads. The order of the runs decides their colours, the same in all plots.
     *
     * @param measures names of the measures by key
     * @param limits largest possible values of those measures that have one, by key
     */
    record Charts(
            SweepView.Axis axis,
            Map<String, String> measures,
            Map<String, Double> limits,
            List<String> runs,
            List<Measured> measured,
            List<Positions> positions,
            List<Training> training) {}

    /**
     * @param values of the measures, by key
     * @param intervals of those measures that have one, by key
     */
    record Measured(
            String run,
            String series,
            AxisValue at,
            AxisValue trainedAt,
            Map<String, Double> values,
            Map<String, Interval> intervals) {}

    record Positions(
            String run,
            String series,
            AxisValue at,
            AxisValue trainedAt,
            List<Integer> first,
            List<Integer> last,
            List<Double> loss) {}

    record Training(String run, List<TrainingCurve.Point> points) {}

    private ReportCharts() {}

    /** JSON that may stand inside a script element: without the characters that could end it. */
    static <R extends SweepRow, S extends SweepRow> String json(ReportData<R> data, SweepView<S> view, List<S> shown) {
        Map<String, String> measures = new LinkedHashMap<>();
        view.measures().forEach(measure -> measures.put(measure.key(), measure.name()));
        Map<String, Double> limits = new LinkedHashMap<>();
        view.measures().stream()
                .filter(measure -> measure.limit() != null)
                .forEach(measure -> limits.put(measure.key(), measure.limit()));
        Charts charts = new Charts(
                view.axis(),
                measures,
                limits,
                Stream.of(
                                shown.stream().map(SweepRow::run),
                                data.rows().stream()
                                        .filter(row -> row.curve().isPresent())
                                        .map(SweepRow::run),
                                data.curves().stream().map(TrainingCurve::run))
                        .flatMap(Function.identity())
                        .distinct()
                        .toList(),
                shown.stream()
                        .filter(row -> row.status() == Status.OK)
                        .map(row -> measured(view, row))
                        .toList(),
                data.rows().stream()
                        .flatMap(row -> row.curve().map(curve -> positions(row, curve)).stream())
                        .toList(),
                data.curves().stream()
                        .map(curve -> new Training(
                                curve.run(), curve.thin(CURVE_POINTS).points()))
                        .toList());
        try {
            return MAPPER.writeValueAsString(charts)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write the data of the plots", e);
        }
    }

    private static <R extends SweepRow> Measured measured(SweepView<R> view, R row) {
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Interval> intervals = new LinkedHashMap<>();
        view.measures().forEach(measure -> {
            Estimate estimate = measure.value().apply(row);
            values.put(measure.key(), estimate == null ? null : (Double) estimate.value());
            if (estimate != null && estimate.interval() != null) {
                intervals.put(measure.key(), estimate.interval());
            }
        });
        return new Measured(row.run(), row.series(), row.at(), row.trainedAt(), values, intervals);
    }

    private static Positions positions(SweepRow row, PositionCurve curve) {
        return new Positions(
                row.run(), row.series(), row.at(), row.trainedAt(), curve.first(), curve.last(), curve.loss());
    }
}
