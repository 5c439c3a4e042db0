package org.seqpe.model.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Properties of the tables that hold beyond the golden sizes. */
class PositionTablesTest {

    @Test
    void slopesExistForEveryHeadCount() {
        assertThat(AlibiSlopes.of(1)).containsExactly(1 / 256.0);
        assertThat(AlibiSlopes.of(3)).containsExactly(1 / 16.0, 1 / 256.0, 1 / 4.0);
        assertThat(AlibiSlopes.of(5)).startsWith(AlibiSlopes.of(4)).endsWith(AlibiSlopes.of(8)[0]);
        assertThatThrownBy(() -> AlibiSlopes.of(0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What makes rotary embeddings relative: turning by p and by -q is turning by p - q, also far out. */
    @Test
    void rotationsFarOutAreExact() {
        RotaryTable table = RotaryTable.sequential(new int[] {131_071, 131_000, 71}, 8, 10_000);
        for (int pair = 0; pair < 4; pair++) {
            double cosOfDifference = (double) table.cos()[pair] * table.cos()[4 + pair]
                    + (double) table.sin()[pair] * table.sin()[4 + pair];
            assertThat(cosOfDifference).isCloseTo(table.cos()[8 + pair], within(2e-7));
        }
        assertThatThrownBy(() -> RotaryTable.sequential(new int[1], 7, 10_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7");
    }

    @Test
    void interpolationKeepsTablesOfTheSameSizeAndConstants() {
        float[] table = {1, -2, 3, 5, 8, -13};
        float[] constant = {7, 7, 7, 7, 7, 7};
        for (Interpolation kind : Interpolation.values()) {
            assertThat(kind.resize(table, 3, 2, 3)).containsExactly(table);
            assertThat(kind.resize(table, 2, 3, 1, 2, 3)).containsExactly(table);
            for (float value : kind.resize(constant, 2, 3, 1, 5, 4)) {
                assertThat(value).isCloseTo(7, within(1e-5f));
            }
        }
        assertThatThrownBy(() -> Interpolation.LINEAR.resize(table, 4, 2, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6");
    }
}
