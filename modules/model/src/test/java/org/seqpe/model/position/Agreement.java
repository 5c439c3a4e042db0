package org.seqpe.model.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;

/**
 * Two-sample tests between draws of ours and stored draws of the reference. A check fails when samples of the same
 * distribution would differ as much with a probability below {@link #SIGNIFICANCE}. A test method makes at most a few
 * dozen checks, so a right sampler fails one with a probability below 1e-4 whatever the seeds; both tests err on the
 * safe side for discrete values and for draws without replacement.
 */
public final class Agreement {
    static final double SIGNIFICANCE = 1e-6;
    /** Expected count below which a cell of a chi-square test is pooled with others: the usual rule is 5. */
    private static final double FEWEST = 8;

    private Agreement() {}

    /**
     * Kolmogorov and Smirnov: the samples have the same distribution function. Samples too small to tell are passed
     * over.
     */
    public static void sameDistribution(double[] ours, double[] theirs, String what) {
        if (ours.length < 2 || theirs.length < 2) {
            return;
        }
        KolmogorovSmirnovTest test = new KolmogorovSmirnovTest();
        // The asymptotic form: the exact one is for tiny samples without ties.
        double p = test.approximateP(test.kolmogorovSmirnovStatistic(ours, theirs), ours.length, theirs.length);
        assertThat(p)
                .as(
                        "%s: probability that %d draws of ours and %d of the reference differ so much",
                        what, ours.length, theirs.length)
                .isGreaterThan(SIGNIFICANCE);
    }

    /**
     * Chi-square: the categories are equally frequent. Rare categories are pooled by {@code group}, and what is still
     * rare into one.
     */
    public static <K extends Comparable<K>> void sameFrequencies(
            Map<K, Long> ours, Map<K, Long> theirs, Function<K, String> group, String what) {
        double ourTotal = total(ours);
        double theirTotal = total(theirs);
        if (ourTotal == 0 || theirTotal == 0) {
            return;
        }
        Map<String, double[]> cells = new TreeMap<>();
        for (K category : union(ours, theirs)) {
            double[] counts = {ours.getOrDefault(category, 0L), theirs.getOrDefault(category, 0L)};
            boolean rare = fewest(counts, ourTotal, theirTotal) < FEWEST;
            add(cells, rare ? "rare " + group.apply(category) : category.toString(), counts);
        }
        Map<String, double[]> pooled = new TreeMap<>();
        cells.forEach(
                (name, counts) -> add(pooled, fewest(counts, ourTotal, theirTotal) < FEWEST ? "rest" : name, counts));

        double statistic = 0;
        for (double[] counts : pooled.values()) {
            double share = (counts[0] + counts[1]) / (ourTotal + theirTotal);
            statistic += square(counts[0] - ourTotal * share) / (ourTotal * share)
                    + square(counts[1] - theirTotal * share) / (theirTotal * share);
        }
        if (pooled.size() > 1) {
            double p = 1 - new ChiSquaredDistribution(pooled.size() - 1).cumulativeProbability(statistic);
            assertThat(p)
                    .as("%s: probability of chi-square %.1f over %d categories", what, statistic, pooled.size())
                    .isGreaterThan(SIGNIFICANCE);
        }
    }

    /** A share observed in n independent draws is the expected one: within 5 standard deviations (probability 6e-7). */
    public static void share(long hits, long draws, double expected, String what) {
        double deviation = Math.sqrt(draws * expected * (1 - expected));
        assertThat((double) hits)
                .as(what)
                .isBetween(draws * expected - 5 * deviation, draws * expected + 5 * deviation);
    }

    private static void add(Map<String, double[]> cells, String name, double[] counts) {
        double[] cell = cells.computeIfAbsent(name, absent -> new double[2]);
        cell[0] += counts[0];
        cell[1] += counts[1];
    }

    /** The expected count of a category in the smaller sample. */
    private static double fewest(double[] counts, double ourTotal, double theirTotal) {
        return (counts[0] + counts[1]) * Math.min(ourTotal, theirTotal) / (ourTotal + theirTotal);
    }

    private static <K extends Comparable<K>> TreeSet<K> union(Map<K, Long> ours, Map<K, Long> theirs) {
        TreeSet<K> all = new TreeSet<>(ours.keySet());
        all.addAll(theirs.keySet());
        return all;
    }

    private static double total(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static double square(double x) {
        return x * x;
    }
}
