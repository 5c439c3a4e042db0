package org.seqpe.compute.cpu.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
    private static float exp(float x) {
        return VectorMath.exp(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
    }

    @Test
    void exponentialIsWithinTwoUnitsInTheLastPlaceOfTheNormalRange() {
        double worst = 0;
        for (float x = -87.2f; x < 88.3f; x += 0.00913f) {
            worst = Math.max(worst, Math.abs(exp(x) / Math.exp(x) - 1));
        }
        assertThat(worst).isLessThan(2e-7);
    }

    @Test
    void exponentialOfWhatLeavesTheRange() {
        assertThat(exp(0)).isEqualTo(1);
        for (float x : new float[] {-88.1f, -1e4f, -1e30f, Float.NEGATIVE_INFINITY}) {
            assertThat(exp(x)).as("e^%s", x).isZero();
        }
        for (float x : new float[] {89, 1e4f, 1e30f, Float.POSITIVE_INFINITY}) {
            assertThat(exp(x)).as("e^%s", x).isEqualTo(Float.POSITIVE_INFINITY);
        }
        assertThat(exp(Float.NaN)).isNaN();
    }

    /**
     * Reference: the Taylor series of erf, which converges without cancellation worth mentioning below 3 in double
     * precision.
     */
    @Test
    void errorFunction() {
        for (float x = -3; x <= 3; x += 0.0137f) {
            double term = x;
            double sum = x;
            for (int n = 1; n < 80; n++) {
                term *= -(double) x * x / n;
                sum += term / (2 * n + 1);
            }
            double expected = 2 / Math.sqrt(Math.PI) * sum;
            float actual =
                    VectorMath.erf(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
            assertThat(Math.abs(actual - expected)).as("erf(%s)", x).isLessThan(3e-7);
        }
        assertThat(VectorMath.erf(FloatVector.broadcast(Lanes.FLOATS, 50)).lane(0))
                .isEqualTo(1);
    }
}
