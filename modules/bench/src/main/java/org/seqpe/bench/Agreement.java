package org.seqpe.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whether sides that began with the same weights compute the same: the loss without training, and losses and gradient
 * norms of the first training steps, each of which depends on all updates before. A ratio of times means nothing
 * otherwise.
 *
 * @param losses largest relative difference of a loss
 * @param gradientNorms largest relative difference of a gradient norm
 * @param steps training steps that were compared
 */
public record Agreement(double losses, double gradientNorms, int steps) {
    /** Losses are means over thousands of tokens, in which float32's rounding averages out. */
    private static final double LOSS_TOLERANCE = 1e-5;
    /** In double precision on both sides. */
    private static final double NORM_TOLERANCE = 1e-5;

    /** Where a side computes in bfloat16, whose numbers are off by up to 1/512 each. */
    private static final double ROUNDED_LOSS_TOLERANCE = 2e-3;

    private static final double ROUNDED_NORM_TOLERANCE = 2e-2;

    /**
     * @param rounded whether a side computes in bfloat16
     * @throws IllegalStateException where the sides differ by more than rounding
     */
    static Agreement check(List<Side> sides, List<Batch> batches, int steps, boolean rounded) {
        double lossTolerance = rounded ? ROUNDED_LOSS_TOLERANCE : LOSS_TOLERANCE;
        double normTolerance = rounded ? ROUNDED_NORM_TOLERANCE : NORM_TOLERANCE;
        List<double[]> losses = new ArrayList<>();
        List<double[]> norms = new ArrayList<>();
        losses.add(sides.stream()
                .mapToDouble(side -> evaluate(side, batches.get(0)))
                .toArray());
        for (int i = 0; i < steps; i++) {
            Batch batch = batches.get(i % batches.size());
            List<Side.Step> results =
                    sides.stream().map(side -> train(side, batch)).toList();
            losses.add(results.stream().mapToDouble(Side.Step::loss).toArray());
            for (int part = 0; part < results.get(0).gradientNorms().length; part++) {
                int index = part;
                norms.add(results.stream()
                        .mapToDouble(step -> step.gradientNorms()[index])
                        .toArray());
            }
        }
        Agreement agreement = new Agreement(worst(losses), worst(norms), steps);
        if (!(agreement.losses <= lossTolerance && agreement.gradientNorms <= normTolerance)) {
            throw new IllegalStateException(String.format(
                    Locale.ROOT,
                    "Cannot compare: %s do not compute the same. Expected losses within %.0e and gradient norms within %.0e of the first's, found %.1e and %.1e:%s%s",
                    sides.stream().map(Side::name).toList(),
                    lossTolerance,
                    normTolerance,
                    agreement.losses,
                    agreement.gradientNorms,
                    listed("loss", losses),
                    listed("gradient norm", norms)));
        }
        return agreement;
    }

    private static double evaluate(Side side, Batch batch) {
        side.begin();
        return side.evaluate(batch);
    }

    private static Side.Step train(Side side, Batch batch) {
        side.begin();
        return side.trainExactly(batch);
    }

    /** The largest relative difference from the first of a row. NaN counts as infinite. */
    private static double worst(List<double[]> rows) {
        double worst = 0;
        for (double[] row : rows) {
            for (double value : row) {
                double difference = Math.abs(value - row[0]) / Math.abs(row[0]);
                worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
            }
        }
        return worst;
    }

    private static String listed(String what, List<double[]> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(System.lineSeparator())
                .append("  ")
                .append(what)
                .append(' ')
                .append(Arrays.toString(row)));
        return text.toString();
    }
}
