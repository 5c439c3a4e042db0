package org.seqpe.spark.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.seqpe.core.config.OuterConfig;
import org.seqpe.core.config.OuterConfig.Optimizer;
import org.seqpe.core.random.RandomStream;
import org.seqpe.spark.merge.OuterOptimizer.Rates;

class OuterOptimizerTest {
    private static final int LENGTH = 2000;

    private static OuterOptimizer optimizer(Optimizer kind, double momentum) {
        return OuterOptimizer.of(new OuterConfig(kind, 1, momentum, List.of()), LENGTH);
    }

    private static float[] random(int name) {
        RandomStream random = RandomStream.of(5, name);
        float[] values = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            // Over many magnitudes, where float arithmetic rounds differently.
            values[i] = (float) (random.nextGaussian() * Math.pow(10, i % 9 - 6));
        }
        return values;
    }

    /** One round; {@code next} may be {@code start}'s array, as in a merge. */
    private static float[] step(OuterOptimizer optimizer, Rates rates, float[] start, float[] mean) {
        float[] next = new float[LENGTH];
        optimizer.begin(rates);
        // In parts, as the merge does it.
        for (int from = 0; from < LENGTH; from += 700) {
            int to = Math.min(LENGTH, from + 700);
            float[] part = new float[to - from];
            optimizer.step(
                    from, to - from, Arrays.copyOfRange(start, from, to), Arrays.copyOfRange(mean, from, to), part);
            System.arraycopy(part, 0, next, from, part.length);
        }
        return next;
    }

    private static Rates rates(double outer) {
        return new Rates(outer, 0.01, 0.01);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "AUTO")
    void withRateOneAndNoMomentumEveryRuleIsBitwisePlainAveraging(Optimizer kind) {
        OuterOptimizer optimizer = optimizer(kind, 0);
        for (int round = 0; round < 3; round++) {
            float[] start = random(2 * round);
            float[] mean = random(2 * round + 1);
            mean[0] = -0.0f;
            mean[1] = Float.MIN_VALUE;
            mean[2] = start[2];
            int[] bits = bits(step(optimizer, new Rates(1, 0.3 / (round + 1), 0.3 / Math.max(1, round)), start, mean));
            assertThat(bits).isEqualTo(bits(mean));
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"AUTO", "AVERAGE"})
    void theStepGoesFromTheStartTowardsTheMean(Optimizer kind) {
        float[] start = random(1);
        float[] mean = random(2);
        float[] next = step(optimizer(kind, 0.1), rates(0.5), start, mean);
        for (int i = 0; i < LENGTH; i++) {
            // Half of the way, and with momentum 0.1 at most a twentieth more.
            assertThat(next[i] - start[i])
                    .isBetween(
                            Math.min(0.49f * (mean[i] - start[i]), 0.56f * (mean[i] - start[i])),
                            Math.max(0.49f * (mean[i] - start[i]), 0.56f * (mean[i] - start[i])));
        }
    }

    /**
     * By the formulas as their papers write them, in double precision; the momentum that is kept between rounds is
     * single.
     */
    @Test
    void momentumGoesOnFromRoundToRound() {
        OuterOptimizer nesterov = optimizer(Optimizer.NESTEROV, 0.9);
        OuterOptimizer slowmo = optimizer(Optimizer.SLOWMO, 0.6);
        double v = 0;
        double u = 0;
        double[] inner = {0.1, 0.05, 0.02};
        float[] start = random(1);
        for (int round = 0; round < 3; round++) {
            float[] mean = random(2 + round);
            double delta = (double) start[0] - mean[0];
            v = 0.9 * v + delta;
            double expectedNesterov = start[0] - 0.7 * (delta + 0.9 * v);
            u = 0.6 * u + delta / inner[round];
            double expectedSlowMo = start[0] - 0.7 * inner[round] * u;
            Rates rates = new Rates(0.7, inner[round], round == 0 ? 0 : inner[round - 1]);
            assertThat((double) step(nesterov, rates, start, mean)[0])
                    .isCloseTo(expectedNesterov, within(1e-6 * Math.abs(start[0])));
            assertThat((double) step(slowmo, rates, start, mean)[0])
                    .isCloseTo(expectedSlowMo, within(1e-6 * Math.abs(start[0])));
        }
    }

    @Test
    void onlyThoseThatRememberSomethingHaveMemory() {
        assertThat(optimizer(Optimizer.AVERAGE, 0.9).momentum()).isEmpty();
        assertThat(optimizer(Optimizer.SGD, 0.9).momentum()).isEmpty();
        assertThat(optimizer(Optimizer.NESTEROV, 0.9).momentum().orElseThrow().length())
                .isEqualTo(LENGTH);
        assertThat(optimizer(Optimizer.SLOWMO, 0.9).momentum().orElseThrow().length())
                .isEqualTo(LENGTH);
    }
}
