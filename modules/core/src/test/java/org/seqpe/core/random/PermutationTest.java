package org.seqpe.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 255, 256, 257, 20_000, 100_001})
    void everyNumberStandsAtOnePlace(int size) {
        Permutation order = new Permutation(5, size);
        BitSet seen = new BitSet();
        for (int i = 0; i < size; i++) {
            seen.set(Math.toIntExact(order.at(i)));
        }
        assertThat(seen.cardinality()).isEqualTo(size);
        assertThat(seen.length()).isEqualTo(size);
    }

    @Test
    void theOrderIsAFunctionOfTheSeed() {
        long size = 1L << 40;
        assertThat(new Permutation(1, size).at(12345)).isEqualTo(new Permutation(1, size).at(12345));
        assertThat(new Permutation(1, size).at(12345)).isNotEqualTo(new Permutation(2, size).at(12345));
    }

    /**
     * Over many seeds all 24 orders of four numbers occur equally often: chi-square with 23 degrees of freedom exceeds
     * 60 with probability 4e-5.
     */
    @Test
    void ordersOfFourAreEquallyLikely() {
        int seeds = 48_000;
        int[] counts = new int[256];
        for (int seed = 0; seed < seeds; seed++) {
            Permutation order = new Permutation(seed, 4);
            counts[(int) (order.at(0) + 4 * order.at(1) + 16 * order.at(2) + 64 * order.at(3))]++;
        }
        double expected = seeds / 24.0;
        double chiSquare = 0;
        int orders = 0;
        for (int count : counts) {
            if (count > 0) {
                orders++;
                chiSquare += (count - expected) * (count - expected) / expected;
            }
        }
        assertThat(orders).isEqualTo(24);
        assertThat(chiSquare).isLessThan(60);
    }

    @Test
    void refusesPlacesAndSizesOutOfRange() {
        assertThatThrownBy(() -> new Permutation(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Permutation(1, 10).at(10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new Permutation(1, 10).at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
