package org.seqpe.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalsTest {

    private static RatioSums of(double... lossesAndSizes) {
        RatioSums sums = new RatioSums();
        for (int i = 0; i < lossesAndSizes.length; i += 2) {
            sums.add(lossesAndSizes[i], (long) lossesAndSizes[i + 1]);
        }
        return sums;
    }

    /**
     * Table I of R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17
     * (1998), method 3, to its four decimals.
     */
    @ParameterizedTest
    @CsvSource({"81,263,0.2553,0.3662", "15,148,0.0624,0.1605", "0,20,0.0000,0.1611", "1,29,0.0061,0.1718"})
    void wilsonsIntervalIsThePublishedOne(long hits, long n, double low, double high) {
        Interval interval = Intervals.share(hits, n);
        assertThat(interval.low()).isCloseTo(low, within(0.5e-4));
        assertThat(interval.high()).isCloseTo(high, within(0.5e-4));
        Interval misses = Intervals.share(n - hits, n);
        assertThat(misses.low()).isCloseTo(1 - interval.high(), within(1e-15));
        assertThat(misses.high()).isCloseTo(1 - interval.low(), within(1e-15));
    }

    @Test
    void noneAndAllEndAtZeroAndOne() {
        assertThat(Intervals.share(0, 50_000).low()).isZero();
        assertThat(Intervals.share(50_000, 50_000).high()).isEqualTo(1);
        assertThat(Intervals.share(1, 1).low()).isBetween(0.2, 0.21);
        assertThatThrownBy(() -> Intervals.share(0, 0)).hasMessageContaining("found 0 of 0");
        assertThatThrownBy(() -> Intervals.share(3, 2)).hasMessageContaining("found 3 of 2");
    }

    @Test
    void unitsOfSizeOneHaveStudentsInterval() {
        // Student's sleep data: R's t.test gives 0.7001142 to 2.4598858.
        Interval interval = Intervals.meanLoss(
                        of(1.2, 1, 2.4, 1, 1.3, 1, 1.3, 1, 0.0, 1, 1.0, 1, 1.8, 1, 0.8, 1, 4.6, 1, 1.4, 1))
                .orElseThrow();
        assertThat(interval.low()).isCloseTo(0.7001142, within(1e-7));
        assertThat(interval.high()).isCloseTo(2.4598858, within(1e-7));
    }

    @Test
    void unitsOfDifferentSizesHaveTheIntervalOfARatio() {
        // R = 12 / 6; residuals 0, -1 and 1; standard error sqrt(3 / 2 * 2) / 6; t of 2 degrees of freedom.
        Interval interval = Intervals.meanLoss(of(2, 1, 3, 2, 7, 3)).orElseThrow();
        double half = 4.302652730 * Math.sqrt(3) / 6;
        assertThat(interval.low()).isCloseTo(2 - half, within(1e-8));
        assertThat(interval.high()).isCloseTo(2 + half, within(1e-8));
    }

    @Test
    void lossesInProportionToTheSizesHaveNoWidthAndOneUnitHasNoInterval() {
        assertThat(Intervals.meanLoss(of(3, 1, 6, 2, 1.5e9, 500_000_000))).contains(new Interval(3, 3));
        assertThat(Intervals.meanLoss(of(3, 1))).isEmpty();
        assertThat(Intervals.meanLoss(new RatioSums())).isEmpty();
    }

    @Test
    void aLossIsNeverNegative() {
        assertThat(Intervals.meanLoss(of(0, 1, 9, 1)).orElseThrow().low()).isZero();
    }

    @Test
    void manyUnitsHaveTheNormalQuantile() {
        RatioSums sums = of(1, 1, 3, 1);
        for (int doubling = 0; doubling < 29; doubling++) {
            RatioSums same = new RatioSums();
            same.merge(sums);
            sums.merge(same);
        }
        // A standard deviation of 1 over 2^30 units.
        Interval interval = Intervals.meanLoss(sums).orElseThrow();
        assertThat(interval.high() - 2).isCloseTo(1.959964 / (1 << 15), within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"0.03,200", "0.5,40", "0.812,500"})
    void sharesAreCoveredAsOftenAsPromised(double share, int n) {
        Random random = new Random(1);
        int covered = 0;
        int trials = 4000;
        for (int trial = 0; trial < trials; trial++) {
            long hits = random.doubles(n).filter(value -> value < share).count();
            Interval interval = Intervals.share(hits, n);
            covered += interval.low() <= share && share <= interval.high() ? 1 : 0;
        }
        // Counts are whole numbers, so the confidence itself is only near 95 %.
        assertThat((double) covered / trials).isCloseTo(0.95, within(0.02));
    }

    @ParameterizedTest
    @CsvSource({"6", "20", "200"})
    void meanLossesAreCoveredAsOftenAsPromised(int windows) {
        Random random = new Random(2);
        int covered = 0;
        int trials = 4000;
        for (int trial = 0; trial < trials; trial++) {
            RatioSums sums = new RatioSums();
            for (int i = 0; i < windows; i++) {
                // Texts are easy or hard as wholes, and the last window is shorter.
                int size = i == windows - 1 ? 100 : 512;
                double ofText = 3 + 0.4 * random.nextGaussian();
                double loss = size * ofText + Math.sqrt(size) * 2 * random.nextGaussian();
                sums.add(Math.max(0, loss), size);
            }
            Interval interval = Intervals.meanLoss(sums).orElseThrow();
            covered += interval.low() <= 3 && 3 <= interval.high() ? 1 : 0;
        }
        assertThat((double) covered / trials).isCloseTo(0.95, within(0.015));
    }
}
