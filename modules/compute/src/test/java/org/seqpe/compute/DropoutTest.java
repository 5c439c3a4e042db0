package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DropoutTest {
    private static boolean dropped(float rate, long key, long row, int column) {
        return Dropout.factor(rate, key, row, column) == 0;
    }

    @Test
    void dropsTheAskedForShareInEveryDirection() {
        int rows = 400;
        int columns = 500;
        for (float rate : new float[] {0.05f, 0.1f, 0.5f, 0.9f}) {
            int[] byRow = new int[rows];
            int[] byColumn = new int[columns];
            int total = 0;
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    int one = dropped(rate, 1234, row, column) ? 1 : 0;
                    byRow[row] += one;
                    byColumn[column] += one;
                    total += one;
                }
            }
            double variance = rate * (1 - rate);
            // Binomial counts: 5 standard deviations hold in all of the 904 checks of a rate but for one set of seeds
            // in two thousand.
            assertThat((double) total)
                    .as("rate %s", rate)
                    .isCloseTo(rate * rows * columns, within(5 * Math.sqrt(variance * rows * columns)));
            for (int count : byRow) {
                assertThat((double) count)
                        .as("a row at rate %s", rate)
                        .isCloseTo(rate * columns, within(5 * Math.sqrt(variance * columns)));
            }
            for (int count : byColumn) {
                assertThat((double) count)
                        .as("a column at rate %s", rate)
                        .isCloseTo(rate * rows, within(5 * Math.sqrt(variance * rows)));
            }
        }
    }

    @Test
    void rowsColumnsAndKeysAreIndependent() {
        int n = 200_000;
        int sameRow = 0;
        int sameColumn = 0;
        int sameKey = 0;
        for (int i = 0; i < n; i++) {
            int row = i / 500;
            int column = i % 500;
            boolean one = dropped(0.5f, 42, row, column);
            sameRow += one == dropped(0.5f, 42, row, column + 1) ? 1 : 0;
            sameColumn += one == dropped(0.5f, 42, row + 1, column) ? 1 : 0;
            sameKey += one == dropped(0.5f, 43, row, column) ? 1 : 0;
        }
        // Neighbours agree in half of the places: 5 standard deviations of a binomial count are 1118.
        assertThat((double) sameRow).as("along a row").isCloseTo(n / 2.0, within(1118.0));
        assertThat((double) sameColumn).as("along a column").isCloseTo(n / 2.0, within(1118.0));
        assertThat((double) sameKey).as("between keys").isCloseTo(n / 2.0, within(1118.0));
    }

    @Test
    void keepsTheExpectationAndDropsNothingAtRateZero() {
        for (int column = 0; column < 1000; column++) {
            assertThat(Dropout.factor(0, 7, 3, column)).isEqualTo(1f);
            assertThat(Dropout.factor(0.2f, 7, 3, column)).isIn(0f, 1.25f);
        }
    }

    @Test
    void rowsBeyondTheIntegersHaveMasksOfTheirOwn() {
        int same = 0;
        for (int column = 0; column < 1000; column++) {
            same += dropped(0.5f, 5, 1L << 32, column) == dropped(0.5f, 5, 0, column) ? 1 : 0;
        }
        assertThat(same).isBetween(400, 600);
    }
}
