package org.seqpe.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How a training step's cost grows, as written to scaling.json. */
record ScalingReport(Machine machine, TextWorkload base, List<Series> series) {
    /**
     * One quantity varied, the others held.
     *
     * @param quantity what is varied
     * @param measure what the exponents are of
     */
    record Series(String quantity, String measure, List<Point> points) {}

    /**
     * One measured step.
     *
     * @param value of the varied quantity
     * @param seconds of a step
     * @param measuredExponent between the point before and this one: log(measure ratio) / log(value ratio); null for
     *     the first
     * @param expectedExponent the same for the number of floating-point operations, or what perfect scaling gives
     */
    record Point(
            int value,
            TextWorkload workload,
            Samples seconds,
            double tokensPerSecond,
            Double measuredExponent,
            Double expectedExponent) {}

    /** A step that was measured. */
    record Measurement(int value, TextWorkload workload, Samples seconds) {
        double tokensPerSecond() {
            return workload.tokens() / seconds.median();
        }

        double secondsPerToken() {
            return seconds.median() / workload.tokens();
        }

        double flopsPerToken() {
            return workload.forwardFlops() / workload.tokens();
        }
    }

    static Series series(
            String quantity,
            String measure,
            List<Measurement> measurements,
            ToDoubleFunction<Measurement> measured,
            ToDoubleFunction<Measurement> expected) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < measurements.size(); i++) {
            Measurement here = measurements.get(i);
            Measurement before = i == 0 ? null : measurements.get(i - 1);
            points.add(new Point(
                    here.value,
                    here.workload,
                    here.seconds,
                    here.tokensPerSecond(),
                    before == null ? null : exponent(before, here, measured),
                    before == null ? null : exponent(before, here, expected)));
        }
        return new Series(quantity, measure, points);
    }

    private static double exponent(Measurement from, Measurement to, ToDoubleFunction<Measurement> of) {
        return Math.log(of.applyAsDouble(to) / of.applyAsDouble(from)) / Math.log((double) to.value / from.value);
    }

    /** For the console. */
    String table() {
        StringBuilder text = new StringBuilder();
        line(text, "%s", base.describe());
        line(
                text,
                "%s, %d cores, load %.1f, commit %s",
                machine.processor(),
                machine.cores(),
                machine.load(),
                machine.commit());
        for (Series one : series) {
            line(text, "");
            line(
                    text,
                    "%-10s %12s %10s %12s   exponent of %s: measured, expected",
                    one.quantity,
                    "batch",
                    "ms a step",
                    "tokens/s",
                    one.measure);
            for (Point point : one.points) {
                line(
                        text,
                        "%-10d %12s %10.1f %12.0f   %s",
                        point.value,
                        point.workload.batch() + " x " + point.workload.length(),
                        1e3 * point.seconds.median(),
                        point.tokensPerSecond,
                        point.measuredExponent == null
                                ? ""
                                : String.format(
                                        Locale.ROOT, "%.2f, %.2f", point.measuredExponent, point.expectedExponent));
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}
