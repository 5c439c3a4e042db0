package org.seqpe.evaluation.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PositionLossTest {

    private static PositionLoss of(int tokens, int length, int stride) {
        TokenScorer position = new FunctionScorer((window, i) -> i + 1);
        return PositionLoss.of(
                new Evaluator(position, ArrayTokens.counting(tokens), new WindowPlan(tokens, length, stride), 100)
                        .run(inputs -> {}));
    }

    @Test
    void shortWindowsShowEveryPosition() {
        // 10 predictions in windows of 4, 4 and 2.
        PositionLoss.Groups linear = of(11, 4, 4).linear();
        assertThat(linear.first()).isEqualTo(linear.last()).containsExactly(1, 2, 3, 4);
        assertThat(linear.tokens()).containsExactly(3L, 3L, 2L, 2L);
        assertThat(linear.loss()).containsExactly(1.0, 2.0, 3.0, 4.0);
    }

    @Test
    void longWindowsAreGroupedToAtMost512Points() {
        PositionLoss.Groups linear = of(3003, 1501, 1501).linear();
        assertThat(linear.loss()).hasSize(501);
        assertThat(linear.first().get(500)).isEqualTo(linear.last().get(500)).isEqualTo(1501);
        assertThat(linear.first().get(1)).isEqualTo(4);
        assertThat(linear.last().get(1)).isEqualTo(6);
        assertThat(linear.tokens().get(1)).isEqualTo(6);
        assertThat(linear.loss().get(1)).isEqualTo(5.0);
    }

    @Test
    void octaveGroupsTileThePositionsAndKeepTheTotal() {
        PositionLoss.Groups octaves = of(2049, 1024, 1024).octaves();
        assertThat(octaves.first().subList(0, 8)).isEqualTo(List.of(1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(octaves.first()).contains(16, 32, 64, 128, 256, 512, 1024);
        assertThat(octaves.first()).hasSizeLessThan(40);
        for (int i = 1; i < octaves.first().size(); i++) {
            assertThat(octaves.first().get(i)).isEqualTo(octaves.last().get(i - 1) + 1);
        }
        assertThat(octaves.last().get(octaves.last().size() - 1)).isEqualTo(1024);
        double total = IntStream.range(0, octaves.loss().size())
                .mapToDouble(i -> octaves.loss().get(i) * octaves.tokens().get(i))
                .sum();
        // Two windows of losses 1..1024; only the division into means and back rounds.
        assertThat(total).isCloseTo(1024 * 1025.0, within(1e-6));
    }

    @Test
    void positionsThatASlidingWindowNeverCountsAreLeftOut() {
        // 20 predictions; the first window counts 1 to 8, the others 7 and 8 only.
        PositionLoss.Groups linear = of(21, 8, 2).linear();
        assertThat(linear.tokens()).containsExactly(1L, 1L, 1L, 1L, 1L, 1L, 7L, 7L);
        assertThat(of(3, 8, 2).linear().first()).containsExactly(1, 2);
    }
}
