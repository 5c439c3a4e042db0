package org.seqpe.model.seqpe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PositionDigitsTest {

    @Test
    void textAndImageLayoutsOfTheMethod() {
        assertThat(PositionDigits.below(20_000, 1, 0)).isEqualTo(new PositionDigits(5, 1, 20_000));
        assertThat(PositionDigits.below(10_000, 2, 0)).isEqualTo(new PositionDigits(2, 2, 100));
        assertThat(PositionDigits.below(10_403, 2, 0)).isEqualTo(new PositionDigits(3, 2, 101));
        assertThat(PositionDigits.below(1_000_000, 3, 0)).isEqualTo(new PositionDigits(2, 3, 100));
        assertThat(PositionDigits.below(1, 1, 0).write(0)).containsExactly(0);
    }

    @Test
    void positionsFromThreeDimensions() {
        PositionDigits layout = PositionDigits.below(1_000_000, 3, 0);
        assertThat(layout.write(7, 0, 99, 10, 5, 60)).containsExactly(0, 7, 0, 0, 9, 9, 1, 0, 0, 5, 6, 0);
        assertThat(layout.paddingMask(7, 0, 99)).containsExactly(0, 1, 0, 1, 1, 1);
    }

    @Test
    void positionsOutOfRangeAreRefusedNotWrapped() {
        PositionDigits layout = PositionDigits.below(20_000, 1, 0);
        assertThat(layout.write(19_999)).containsExactly(1, 9, 9, 9, 9);
        assertThatThrownBy(() -> layout.write(20_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position 20000")
                .hasMessageContaining("19999")
                .hasMessageContaining("maxPosition");
        assertThatThrownBy(() -> layout.write(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> PositionDigits.of(3, 1).write(1000)).hasMessageContaining("999");
    }

    @Test
    void limitsThatTheDigitsCannotWriteAreRefused() {
        assertThatThrownBy(() -> PositionDigits.below(20_000, 1, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("20000")
                .hasMessageContaining("4 digits")
                .hasMessageContaining("10000");
        assertThatThrownBy(() -> PositionDigits.below(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PositionDigits.of(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
