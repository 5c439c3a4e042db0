package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.random.RandomStream;

class MixingTest {
    private static final int ROWS = 12;
    private static final int COLUMNS = 9;
    private static final int LENGTH = 3 * ROWS * COLUMNS;

    private static float[] batch(int batch) {
        float[] pictures = new float[batch * LENGTH];
        RandomStream random = new RandomStream(1);
        for (int i = 0; i < pictures.length; i++) {
            pictures[i] = (float) random.nextGaussian();
        }
        return pictures;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 8})
    void mixupBlendsEachPictureWithItsPartner(int batch) {
        Mixing mixing = new Mixing(Configs.mixing(0.8, 0, 1, 0.5));
        for (int seed = 0; seed < 50; seed++) {
            float[] before = batch(batch);
            float[] after = before.clone();
            double share = mixing.mix(after, batch, ROWS, COLUMNS, new RandomStream(seed));
            assertThat(share).isBetween(0.0, 1.0);
            double worst = 0;
            for (int i = 0; i < batch; i++) {
                for (int at = 0; at < LENGTH; at++) {
                    float own = before[i * LENGTH + at];
                    float other = before[Mixing.partner(i, batch) * LENGTH + at];
                    worst = Math.max(worst, Math.abs(after[i * LENGTH + at] - own * share - other * (1 - share)));
                }
            }
            assertThat(worst).as("the largest error").isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 8})
    void cutmixTakesOneRectangleOfThePartner(int batch) {
        Mixing mixing = new Mixing(Configs.mixing(0, 1, 1, 0.5));
        for (int seed = 0; seed < 200; seed++) {
            float[] before = batch(batch);
            float[] after = before.clone();
            double share = mixing.mix(after, batch, ROWS, COLUMNS, new RandomStream(seed));
            boolean[] first = changed(before, after, 0);
            int top = ROWS;
            int bottom = 0;
            int left = COLUMNS;
            int right = 0;
            int area = 0;
            for (int at = 0; at < ROWS * COLUMNS; at++) {
                if (first[at]) {
                    top = Math.min(top, at / COLUMNS);
                    bottom = Math.max(bottom, at / COLUMNS + 1);
                    left = Math.min(left, at % COLUMNS);
                    right = Math.max(right, at % COLUMNS + 1);
                    area++;
                }
            }
            assertThat(area).isEqualTo(area == 0 ? 0 : (bottom - top) * (right - left));
            assertThat(share).isCloseTo(1 - (double) area / (ROWS * COLUMNS), within(1e-12));
            for (int i = 0; i < batch; i++) {
                boolean middle = Mixing.partner(i, batch) == i;
                boolean[] changed = changed(before, after, i);
                assertThat(changed).isEqualTo(middle ? new boolean[ROWS * COLUMNS * 3] : first);
                float[] expected = new float[LENGTH];
                for (int at = 0; at < LENGTH; at++) {
                    expected[at] = before[(changed[at] ? Mixing.partner(i, batch) : i) * LENGTH + at];
                }
                assertThat(Arrays.copyOfRange(after, i * LENGTH, (i + 1) * LENGTH))
                        .isEqualTo(expected);
            }
        }
    }

    private static boolean[] changed(float[] before, float[] after, int picture) {
        boolean[] changed = new boolean[LENGTH];
        for (int at = 0; at < LENGTH; at++) {
            changed[at] = before[picture * LENGTH + at] != after[picture * LENGTH + at];
        }
        return changed;
    }

    /** A uniform centre and side sqrt(1 - share), both cut at the edges, for shares of Beta(1, 1). */
    @Test
    void cutmixRectanglesHaveTheExpectedMeanArea() {
        Mixing mixing = new Mixing(Configs.mixing(0, 1, 1, 0.5));
        float[] pictures = new float[2 * 3 * 100 * 100];
        double own = 0;
        int count = 4000;
        for (int i = 0; i < count; i++) {
            own += mixing.mix(pictures, 2, 100, 100, RandomStream.of(5, i)) / count;
        }
        // A side r becomes r - r^2/4 on average; with r^2 uniform the mean of its square is 1/2 - 1/5 + 1/48 = 0.3208.
        assertThat(1 - own).isBetween(0.3208 - 0.02, 0.3208 + 0.02);
    }

    @Test
    void mixesAndSwitchesWithTheConfiguredProbabilities() {
        Mixing mixing = new Mixing(Configs.mixing(0.8, 1, 0.6, 0.25));
        int mixups = 0;
        int cutmixes = 0;
        for (int i = 0; i < 4000; i++) {
            float[] pictures = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
            RandomStream random = RandomStream.of(6, i);
            double share = mixing.mix(pictures, 2, 2, 2, random);
            boolean untouched = random.nextLong() == after(i, 1);
            boolean blended = pictures[0] > 0 && pictures[0] < 1 && pictures[0] == pictures[3];
            if (untouched) {
                assertThat(share).isEqualTo(1);
                assertThat(pictures[0]).isZero();
            } else if (blended) {
                mixups++;
            } else {
                cutmixes++;
            }
        }
        // Four standard deviations around 1800 and 600.
        assertThat(mixups).isBetween(1674, 1926);
        assertThat(cutmixes).isBetween(509, 691);
    }

    private static long after(int stream, int draws) {
        RandomStream random = RandomStream.of(6, stream);
        for (int i = 0; i < draws; i++) {
            random.nextLong();
        }
        return random.nextLong();
    }

    @Test
    void withoutMixingNothingChanges() {
        float[] pictures = batch(4);
        assertThat(new Mixing(Configs.mixing(0, 0, 1, 0.5)).mix(pictures, 4, ROWS, COLUMNS, new RandomStream(1)))
                .isEqualTo(1);
        assertThat(new Mixing(Configs.mixing(0.8, 1, 0, 0.5)).mix(pictures, 4, ROWS, COLUMNS, new RandomStream(1)))
                .isEqualTo(1);
        assertThat(pictures).isEqualTo(batch(4));
    }

    @Test
    void refusesABatchOfAnotherSize() {
        assertThatThrownBy(() -> new Mixing(Configs.RECIPE).mix(new float[10], 1, 2, 2, new RandomStream(1)))
                .hasMessage("Cannot mix a batch: expected 12 numbers, found 10");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.2, 0.8, 1, 2, 7.5})
    void betaHasItsMoments(double alpha) {
        RandomStream random = new RandomStream(11);
        int count = 100_000;
        double mean = 0;
        double second = 0;
        double fourth = 0;
        for (int i = 0; i < count; i++) {
            double off = BetaDistribution.draw(alpha, random) - 0.5;
            mean += off / count;
            second += off * off / count;
            fourth += off * off * off * off / count;
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        double kurtosis = 3 - 6 / (2 * alpha + 3);
        assertThat(mean).isCloseTo(0, within(5 * Math.sqrt(variance / count)));
        assertThat(second).isCloseTo(variance, within(0.015 * variance));
        assertThat(fourth).isCloseTo(kurtosis * variance * variance, within(0.03 * kurtosis * variance * variance));
    }

    @Test
    void betaOfOneIsUniformAndTinyShapesGiveNumbers() {
        RandomStream random = new RandomStream(12);
        int[] tenths = new int[10];
        int ends = 0;
        for (int i = 0; i < 50_000; i++) {
            tenths[(int) Math.min(9, 10 * BetaDistribution.draw(1, random))]++;
            double tiny = BetaDistribution.draw(0.001, random);
            assertThat(tiny).isBetween(0.0, 1.0);
            ends += tiny < 0.01 || tiny > 0.99 ? 1 : 0;
        }
        for (int count : tenths) {
            assertThat(count).isBetween(4700, 5300);
        }
        assertThat(ends).isGreaterThan(49_000);
    }
}
