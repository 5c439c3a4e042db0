package org.seqpe.compute.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.seqpe.core.random.RandomStream;

class VectorMergeLoopsTest {

    /** Bit by bit, also at lengths that no vector divides, with infinities and NaN. */
    @Test
    void givesTheBitsOfThePlainLoops() {
        MergeLoops plain = new MergeLoops();
        MergeLoops vector = new VectorMergeLoops();
        for (int count : new int[] {0, 1, 3, 4, 7, 8, 13, 513, 4096, 4099}) {
            float[] x = floats(count, 1);
            float[] y = floats(count, 2);
            double[][] sums = new double[2][count];
            float[][] quotients = new float[2][count];
            double[][] differences = new double[2][count];
            double[] dots = new double[2];
            for (int form = 0; form < 2; form++) {
                MergeLoops loops = form == 0 ? plain : vector;
                loops.setWeighted(1_234_567, x, sums[form], count);
                loops.addWeighted(7_654_321, y, sums[form], count);
                loops.divide(sums[form], 8_888_888, quotients[form], count);
                loops.subtract(x, y, differences[form], count);
                dots[form] = loops.dot(differences[form], sums[form], count);
            }
            assertThat(sums[1]).as("sums of %d", count).isEqualTo(sums[0]);
            assertThat(quotients[1]).as("quotients of %d", count).isEqualTo(quotients[0]);
            assertThat(differences[1]).as("differences of %d", count).isEqualTo(differences[0]);
            assertThat(Double.doubleToLongBits(dots[1]))
                    .as("dot product of %d", count)
                    .isEqualTo(Double.doubleToLongBits(dots[0]));
        }
    }

    /** Of all magnitudes, a not finite one among the first few. */
    private static float[] floats(int count, int seed) {
        RandomStream random = new RandomStream(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextGaussian() * 5));
        }
        if (count == 513) {
            values[5 * seed] = Float.POSITIVE_INFINITY;
            values[100] = -0.0f;
            values[200] = Float.MIN_VALUE;
        }
        return values;
    }
}
