package org.seqpe.bench.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.seqpe.bench.Batch;
import org.seqpe.bench.TextWorkload;
import org.seqpe.core.config.PositionConfig.Encoding;

class FormulaValuesTest {
    /** What peer.py computes too: bits(7, torch.tensor([0, 1, 1000000])). */
    @Test
    void theBitsAreThePeers() {
        assertThat(new long[] {FormulaValues.bits(7, 0), FormulaValues.bits(7, 1), FormulaValues.bits(7, 1000000)})
                .containsExactly(-5220904277346556025L, -8774268681488515761L, -7306441436845742455L);
    }

    @Test
    void valuesHaveTheirMeanAndDeviation() {
        float[] values = FormulaValues.values("transformer.wte.weight", 200_000, 1, 0.02);
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value - 1;
            squares += (value - 1) * (value - 1);
        }
        assertThat(sum / values.length).isCloseTo(0, within(2e-4));
        assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.02, within(1e-4));
    }

    @Test
    void everyTokenIsFollowedByItsTarget() {
        Batch.Tokens batch = FormulaValues.batch(new TextWorkload(Encoding.ROPE, 1, 8, 1, 3, 5, 11, 0, 1), 2);
        for (int i = 0; i < 15; i++) {
            assertThat(batch.tokens()[i]).isBetween(0, 10);
            if (i % 5 < 4) {
                assertThat(batch.targets()[i]).isEqualTo(batch.tokens()[i + 1]);
            }
        }
        assertThat(batch.tokens())
                .isNotEqualTo(FormulaValues.batch(new TextWorkload(Encoding.ROPE, 1, 8, 1, 3, 5, 11, 0, 1), 3)
                        .tokens());
    }
}
