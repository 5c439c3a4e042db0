package org.seqpe.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.seqpe.core.UserException;

/**
 * What a run's metrics.jsonl says of its training.
 *
 * @param run    name of the run
 * @param points by rising step
 */
public record TrainingCurve(String run, List<Point> points) {
    private static final ObjectMapper MAPPER = JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /**
     * What is known of one step; what is not said, or is not finite, is null.
     *
     * @param step           optimizer steps done
     * @param loss           mean training loss of the language-model task, nats per token
     * @param validationLoss loss on the validation split, nats per token
     * @param learningRate   of that step
     */
    public record Point(long step, Double loss, Double validationLoss, Double learningRate) {
        private Point update(Point later) {
            return new Point(step, later.loss == null ? loss : later.loss, later.validationLoss == null ? validationLoss : later.validationLoss,
                later.learningRate == null ? learningRate : later.learningRate);
        }
    }

    public TrainingCurve {
        points = List.copyOf(points);
    }

    /**
     * Reads metrics.jsonl: a JSON object a line with {@code step} and, where they apply, {@code loss}, {@code validation_loss} and
     * {@code learning_rate}. Of several lines about one step, as a resumed run writes them, the later ones win. Lines without a step, other keys,
     * and a last line that was cut off while it was written are left out.
     *
     * @param name what messages call the file
     * @throws UserException if any other line is not JSON
     */
    public static TrainingCurve read(String run, InputStream metrics, String name) throws IOException {
        Map<Long, Point> points = new TreeMap<>();
        BufferedReader reader = new BufferedReader(new InputStreamReader(metrics, StandardCharsets.UTF_8));
        String line = reader.readLine();
        for (int number = 1; line != null; number++) {
            String next = reader.readLine();
            if (!line.isBlank()) {
                try {
                    JsonNode values = MAPPER.readTree(line);
                    if (values.path("step").isIntegralNumber()) {
                        Point point = new Point(values.get("step").asLong(), value(values, "loss"), value(values, "validation_loss"), value(values, "learning_rate"));
                        points.merge(point.step, point, Point::update);
                    }
                } catch (JsonProcessingException e) {
                    if (next != null) {
                        throw new UserException("Cannot read training metrics: expected a JSON object on every line, found " + e.getOriginalMessage()
                            + " (" + name + ", line " + number + "); remove the line", e);
                    }
                }
            }
            line = next;
        }
        return new TrainingCurve(run, List.copyOf(points.values()));
    }

    private static Double value(JsonNode values, String key) {
        JsonNode value = values.path(key);
        return value.isNumber() && Double.isFinite(value.asDouble()) ? value.asDouble() : null;
    }

    /** At most that many points: neighbours are replaced by their last step and the mean of each of their values. */
    public TrainingCurve thin(int most) {
        int width = Math.max(1, (points.size() + most - 1) / most);
        List<Point> means = new ArrayList<>();
        for (int from = 0; from < points.size(); from += width) {
            List<Point> group = points.subList(from, Math.min(from + width, points.size()));
            means.add(new Point(group.get(group.size() - 1).step(), mean(group, Point::loss), mean(group, Point::validationLoss), mean(group, Point::learningRate)));
        }
        return new TrainingCurve(run, means);
    }

    private static Double mean(List<Point> group, Function<Point, Double> value) {
        List<Double> known = group.stream().map(value).filter(Objects::nonNull).toList();
        return known.isEmpty() ? null : (Double) known.stream().mapToDouble(Double::doubleValue).average().getAsDouble();
    }
}
