package org.seqpe.evaluation.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.seqpe.core.run.MetricsLog;

/**
 * What a run's metrics.jsonl says of its training.
 *
 * @param run name of the run
 * @param points by rising step
 */
public record TrainingCurve(String run, List<Point> points) {
    /**
     * What is known of one step; what is not said is null.
     *
     * @param step optimizer steps done
     * @param loss mean training loss of the language-model task, nats per token
     * @param validationLoss loss on the validation split, nats per token
     * @param learningRate of that step
     */
    public record Point(long step, Double loss, Double validationLoss, Double learningRate) {
        private Point update(Point later) {
            return new Point(
                    step,
                    later.loss == null ? loss : later.loss,
                    later.validationLoss == null ? validationLoss : later.validationLoss,
                    later.learningRate == null ? learningRate : later.learningRate);
        }
    }

    public TrainingCurve {
        points = List.copyOf(points);
    }

    /**
     * The curve of a run's metrics: lines with a {@code step} and, where they apply, {@code loss},
     * {@code validation_loss} and {@code learning_rate}. Of several lines about one step the later values win; lines
     * without a step and other keys are left out.
     */
    public static TrainingCurve of(String run, MetricsLog metrics) {
        Map<Long, Point> points = new TreeMap<>();
        for (JsonNode line : metrics.lines()) {
            if (line.path("step").isIntegralNumber()) {
                Point point = new Point(
                        line.get("step").asLong(),
                        value(line, "loss"),
                        value(line, "validation_loss"),
                        value(line, "learning_rate"));
                points.merge(point.step, point, Point::update);
            }
        }
        return new TrainingCurve(run, List.copyOf(points.values()));
    }

    private static Double value(JsonNode line, String key) {
        return line.path(key).isNumber() ? (Double) line.get(key).asDouble() : null;
    }

    /** At most that many points: neighbours are replaced by their last step and the mean of each of their values. */
    public TrainingCurve thin(int most) {
        int width = Math.max(1, (points.size() + most - 1) / most);
        List<Point> means = new ArrayList<>();
        for (int from = 0; from < points.size(); from += width) {
            List<Point> group = points.subList(from, Math.min(from + width, points.size()));
            means.add(new Point(
                    group.get(group.size() - 1).step(),
                    mean(group, Point::loss),
                    mean(group, Point::validationLoss),
                    mean(group, Point::learningRate)));
        }
        return new TrainingCurve(run, means);
    }

    private static Double mean(List<Point> group, Function<Point, Double> value) {
        List<Double> known = group.stream().map(value).filter(Objects::nonNull).toList();
        return known.isEmpty()
                ? null
                : (Double) known.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .getAsDouble();
    }
}
