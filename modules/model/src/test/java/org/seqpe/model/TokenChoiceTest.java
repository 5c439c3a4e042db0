package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.seqpe.model.text.SampledChoice;
import org.seqpe.model.text.TokenChoice;

class TokenChoiceTest {
    /** Probabilities 0.5, 0.3, 0.15 and 0.05, behind a value that is not theirs. */
    private static final float[] LOGITS = {
        99, (float) Math.log(0.15), (float) Math.log(0.5), (float) Math.log(0.05), (float) Math.log(0.3)
    };

    private static double[] frequencies(TokenChoice choice) {
        int draws = 20_000;
        double[] found = new double[4];
        for (int i = 0; i < draws; i++) {
            found[choice.choose(LOGITS.clone(), 1, 4, 3, i)] += 1.0 / draws;
        }
        return found;
    }

    /** The tolerance is more than four standard deviations of a share of 20,000 draws. */
    private static void assertShares(double[] found, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).as("token %d", i).isCloseTo(expected[i], within(0.015));
        }
    }

    @Test
    void drawsByProbability() {
        assertShares(frequencies(new SampledChoice(1, 0, 1, 5)), 0.15, 0.5, 0.05, 0.3);
    }

    @Test
    void aLowTemperatureSharpens() {
        double sum = 0.0225 + 0.25 + 0.0025 + 0.09;
        assertShares(frequencies(new SampledChoice(0.5, 0, 1, 5)), 0.0225 / sum, 0.25 / sum, 0.0025 / sum, 0.09 / sum);
    }

    @Test
    void topKAndTopPCutTheImprobable() {
        assertShares(frequencies(new SampledChoice(1, 2, 1, 5)), 0, 0.625, 0, 0.375);
        // 0.5 and 0.3 do not reach 0.9; 0.15 does and stays.
        assertShares(frequencies(new SampledChoice(1, 0, 0.9, 5)), 0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95);
        assertShares(frequencies(new SampledChoice(1, 0, 0.1, 5)), 0, 1, 0, 0);
    }

    @Test
    void greedyTakesTheFirstOfTheMostProbable() {
        assertThat(TokenChoice.greedy().choose(new float[] {1, 3, 3, 2}, 0, 4, 0, 0))
                .isEqualTo(1);
    }

    @Test
    void impossibleSettingsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SampledChoice(0, 0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new SampledChoice(1, -1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new SampledChoice(1, 0, 0, 1));
    }
}
