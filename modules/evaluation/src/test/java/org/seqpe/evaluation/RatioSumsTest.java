package org.seqpe.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioSumsTest {
    private record Unit(double loss, int size) {}

    private static RatioSums sums(List<Unit> units) {
        RatioSums sums = new RatioSums();
        units.forEach(unit -> sums.add(unit.loss, unit.size));
        return sums;
    }

    private static double[] results(RatioSums sums) {
        Interval interval = Intervals.meanLoss(sums).orElseThrow();
        return new double[] {
            sums.total(),
            sums.mean(),
            sums.residualSquares(),
            interval.low(),
            interval.high(),
            sums.size(),
            sums.units()
        };
    }

    @Test
    void theBitsDoNotDependOnOrderOrParts() {
        Random random = new Random(3);
        List<Unit> units = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            // Sizes and losses whose sums would round differently in another order.
            units.add(new Unit(Math.exp(12 * random.nextGaussian()), 1 + random.nextInt(40_000)));
        }
        double[] expected = results(sums(units));
        for (int trial = 0; trial < 20; trial++) {
            Collections.shuffle(units, random);
            RatioSums merged = new RatioSums();
            for (int from = 0, to; from < units.size(); from = to) {
                to = Math.min(units.size(), from + 1 + random.nextInt(200));
                merged.merge(sums(units.subList(from, to)));
            }
            assertThat(results(merged)).containsExactly(expected);
        }
    }

    @Test
    void sumsOfNothingAreTheIdentity() {
        List<Unit> units = List.of(new Unit(1.5, 2), new Unit(0.1, 1));
        RatioSums left = new RatioSums();
        left.merge(sums(units));
        RatioSums right = sums(units);
        right.merge(new RatioSums());
        assertThat(results(left)).containsExactly(results(right)).containsExactly(results(sums(units)));
    }

    @Test
    void whatHasNoRatioIsRefused() {
        RatioSums sums = new RatioSums();
        assertThatThrownBy(() -> sums.add(Double.NaN, 1)).hasMessageContaining("found NaN and 1");
        assertThatThrownBy(() -> sums.add(1, 0)).hasMessageContaining("found 1.0 and 0");
    }
}
