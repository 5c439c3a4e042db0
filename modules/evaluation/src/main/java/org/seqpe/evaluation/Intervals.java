package org.seqpe.evaluation;

import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Intervals that hold the true value with a confidence of 95 %. Those of shares and losses are about the same model on
 * all data of the kind that it was measured on, and say nothing of what another training seed would give; the interval
 * of a mean over runs does.
 */
public final class Intervals {
    /** Share of the distribution below the upper end. */
    private static final double UPPER = 0.975;
    /** The normal distribution's quantile at {@value #UPPER}. */
    private static final double Z = 1.959963984540054;

    private Intervals() {}

    /**
     * Wilson's score interval for a share, such as an accuracy. With p = hits / n and the normal quantile z it is
     *
     * <pre>(p + z²/2n ± z sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n)</pre>
     *
     * <p>It lies within 0 and 1 and keeps its confidence for few trials and for shares near 0 or 1. Source: E. B.
     * Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
     * Association 22 (1927).
     *
     * @param hits trials that succeeded
     * @param n trials
     * @throws IllegalArgumentException if there are no trials, or more hits than trials
     */
    public static Interval share(long hits, long n) {
        if (n < 1 || hits < 0 || hits > n) {
            throw new IllegalArgumentException(
                    "Cannot give the interval of a share: expected up to n hits of n trials, found " + hits + " of "
                            + n);
        }
        double p = (double) hits / n;
        double z2 = Z * Z / n;
        double centre = p + z2 / 2;
        double half = Z * Math.sqrt(p * (1 - p) / n + z2 / (4 * n));
        double low = hits == 0 ? 0 : (centre - half) / (1 + z2);
        double high = hits == n ? 1 : (centre + half) / (1 + z2);
        return new Interval(low, high);
    }

    /**
     * The interval of the mean of values that were drawn independently, such as the results of several training seeds:
     * mean ± t s / sqrt(n), where s is their standard deviation and t Student's quantile for n - 1 degrees of freedom.
     *
     * @throws IllegalArgumentException if there are less than two values
     */
    public static Interval mean(double[] values) {
        if (values.length < 2) {
            throw new IllegalArgumentException(
                    "Cannot give the interval of a mean: expected two values or more, found " + values.length);
        }
        double mean = StatUtils.mean(values);
        double half = studentQuantile(values.length) * Math.sqrt(StatUtils.variance(values) / values.length);
        return new Interval(mean - half, mean + half);
    }

    private static double studentQuantile(long n) {
        return new TDistribution(null, n - 1.0).inverseCumulativeProbability(UPPER);
    }

    /**
     * The interval of a mean loss R = sum of y / sum of x, over n units with the losses y and the sizes x. Units are
     * drawn as wholes, so the mean is the ratio of two random sums. The delta method gives its standard error from the
     * residuals y - R x:
     *
     * <pre>R ± t sqrt(n / (n - 1) * sum of (y - R x)²) / sum of x</pre>
     *
     * <p>t is Student's quantile for n - 1 degrees of freedom. Units of size 1 have the usual interval of a mean. A
     * loss is never negative, so the lower end is not either. Source: W. G. Cochran, Sampling Techniques (3rd edition,
     * 1977), section 2.11, without the correction for finite populations.
     *
     * @return empty if there are less than two units
     */
    public static Optional<Interval> meanLoss(RatioSums sums) {
        long n = sums.units();
        if (n < 2) {
            return Optional.empty();
        }
        double error = Math.sqrt(n / (n - 1.0) * sums.residualSquares()) / sums.size();
        double half = studentQuantile(n) * error;
        double mean = sums.mean();
        return Optional.of(new Interval(Math.max(0, mean - half), mean + half));
    }
}
