package org.seqpe.evaluation;

import java.util.function.DoubleUnaryOperator;

/**
 * Where the true value lies with a confidence of 95 %. {@link Intervals} says how intervals are computed.
 *
 * @param low lower end, finite
 * @param high upper end, finite and not below {@code low}
 */
public record Interval(double low, double high) {

    /** @throws IllegalArgumentException if an end is not finite, or the ends are in the wrong order */
    public Interval {
        if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
            throw new IllegalArgumentException(
                    "Cannot make an interval: expected finite ends in rising order, found " + low + " and " + high);
        }
    }

    /**
     * The interval of a rising function of the value, such as the perplexity exp(loss).
     *
     * @throws IllegalArgumentException if an end of the result is not finite
     */
    public Interval map(DoubleUnaryOperator rising) {
        return new Interval(rising.applyAsDouble(low), rising.applyAsDouble(high));
    }
}
