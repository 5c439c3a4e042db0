package org.seqpe.spark.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.seqpe.core.random.RandomStream;

class WeightedAverageTest {
    private static final float[] ONE = {1, -0.0f, 3};
    private static final float[] TWO = {2, 4, -8};

    @Test
    void weighsByTokens() {
        float[] mean = new float[3];
        new WeightedAverage().add(3, ONE, 3).add(1, TWO, 3).result(mean);
        assertThat(mean).containsExactly(1.25f, 1, 0.25f);
    }

    /** One replica must give the single-process run, whatever its number of tokens. */
    @Test
    void theMeanOfOneVectorIsBitwiseThatVector() {
        RandomStream random = new RandomStream(7);
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            float value = Float.intBitsToFloat((int) random.nextLong());
            values[i] = Float.isFinite(value) ? value : -0.0f;
        }
        float[] mean = new float[values.length];
        for (double tokens : new double[] {1, 3, 1_234_567, 987_654_321_987L}) {
            new WeightedAverage().add(tokens, values, values.length).result(mean);
            // Arrays.equals tells -0.0f from 0.0f.
            assertThat(Arrays.equals(mean, values)).as("weight %s", tokens).isTrue();
        }
    }

    @Test
    void refusesWhatCannotBeAveraged() {
        WeightedAverage average = new WeightedAverage().add(1, ONE, 3);
        assertThatThrownBy(() -> average.add(1, new float[2], 2)).hasMessageContaining("expected length 3, found 2");
        assertThatThrownBy(() -> average.add(0, ONE, 3)).hasMessageContaining("weight above 0, found 0.0");
        assertThatThrownBy(() -> new WeightedAverage().result(new float[3])).hasMessageContaining("found none");
    }
}
