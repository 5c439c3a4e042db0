package org.seqpe.data.text.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.seqpe.data.text.window.TextBlocks.Block;
import org.seqpe.data.text.window.TextBlocks.Rule;

class TextBlocksTest {
    @Test
    void completeBlocksKeepTheOneThatEndsTheStream() {
        assertThat(TextBlocks.of(16, 8, 8, true, Rule.COMPLETE)).containsExactly(new Block(0, 8), new Block(8, 16));
        assertThat(TextBlocks.of(16, 8, 8, true, Rule.REFERENCE)).containsExactly(new Block(0, 8));
    }

    @Test
    void theLastShorterBlockKeepsItsOverlap() {
        assertThat(TextBlocks.of(18, 8, 4, false, Rule.COMPLETE))
                .containsExactly(new Block(0, 8), new Block(4, 12), new Block(8, 16), new Block(12, 18));
        assertThat(TextBlocks.of(18, 8, 4, false, Rule.REFERENCE))
                .containsExactly(new Block(0, 8), new Block(4, 12), new Block(8, 16), new Block(16, 18));
    }

    @Test
    void aStreamShorterThanABlockIsOneBlockOrNone() {
        assertThat(TextBlocks.of(5, 8, 4, false, Rule.COMPLETE)).containsExactly(new Block(0, 5));
        assertThat(TextBlocks.of(5, 8, 4, true, Rule.COMPLETE)).isEmpty();
        assertThat(TextBlocks.of(0, 8, 4, false, Rule.COMPLETE)).isEmpty();
    }

    @Test
    void aStrideThatSkipsTokensIsRefused() {
        assertThatThrownBy(() -> TextBlocks.of(20, 8, 9, false, Rule.COMPLETE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 9");
    }
}
