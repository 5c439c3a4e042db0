package org.seqpe.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.seqpe.evaluation.SweepRow.Status;

/** The numbers behind the plots of a report, as the JSON that report.js reads. */
final class ReportCharts {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Points of a training curve: more than a screen can show apart. */
    private static final int CURVE_POINTS = 1000;

    /** Everything that report.js reads. The order of the runs decides their colours, the same in all plots. */
    record Charts(List<String> runs, List<Measured> measured, List<Positions> positions, List<Training> training) {}

    record Measured(
            String run, String protocol, int length, int trainingLength, Double perplexity, Double bitsPerByte) {}

    record Positions(
            String run,
            String protocol,
            int length,
            int trainingLength,
            List<Integer> first,
            List<Integer> last,
            List<Double> loss) {}

    record Training(String run, List<TrainingCurve.Point> points) {}

    private ReportCharts() {}

    /** JSON that may stand inside a script element: without the characters that could end it. */
    static String json(ReportData data) {
        Charts charts = new Charts(
                Stream.concat(
                                data.rows().stream().map(SweepRow::run),
                                data.curves().stream().map(TrainingCurve::run))
                        .distinct()
                        .toList(),
                data.rows().stream()
                        .filter(row -> row.status() == Status.OK)
                        .map(row -> new Measured(
                                row.run(),
                                Protocols.text(row.protocol()),
                                row.length(),
                                row.trainingLength(),
                                row.perplexity(),
                                row.bitsPerByte()))
                        .toList(),
                data.rows().stream()
                        .filter(row -> row.lossByPosition() != null)
                        .map(ReportCharts::positions)
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

    private static Positions positions(SweepRow row) {
        PositionLoss.Groups groups = row.lossByPosition().octaves();
        return new Positions(
                row.run(),
                Protocols.text(row.protocol()),
                row.length(),
                row.trainingLength(),
                groups.first(),
                groups.last(),
                groups.loss());
    }
}
