package org.seqpe.evaluation;

import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * A measured value with its interval. Files have it as three columns: NAME, NAME_low and NAME_high.
 *
 * @param value what was measured
 * @param interval where the true value lies with a confidence of 95 %; null when there is none
 */
public record Estimate(double value, Interval interval) {

    /** The estimate whose interval may not exist. */
    public static Estimate of(double value, Optional<Interval> interval) {
        return new Estimate(value, interval.orElse(null));
    }

    /** The estimate of a rising function of the value. */
    public Estimate map(DoubleUnaryOperator rising) {
        return new Estimate(rising.applyAsDouble(value), interval == null ? null : interval.map(rising));
    }
}
