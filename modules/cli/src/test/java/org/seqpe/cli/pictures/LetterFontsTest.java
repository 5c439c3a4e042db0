package org.seqpe.cli.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.data.corpus.Splits;

class LetterFontsTest {
    @Test
    void noFamilyAndNoFontIsInTwoSplits() {
        assertThat(LetterFonts.all()).extracting(LetterFonts.Family::name).doesNotHaveDuplicates();
        assertThat(LetterFonts.all().stream().flatMap(family -> family.resources().stream()))
                .hasSizeGreaterThan(70)
                .doesNotHaveDuplicates();
        assertThat(LetterFonts.all().stream().map(LetterFonts.Family::split).distinct())
                .containsExactlyInAnyOrderElementsOf(Splits.ALL);
    }

    @Test
    void everyFontHasEveryLetter() {
        List<String> resources = LetterFonts.all().stream()
                .flatMap(family -> family.resources().stream())
                .toList();
        for (String resource : resources) {
            LetterFont font = LetterFont.read(resource);
            for (int letter = 0; letter < LetterFont.LETTERS; letter++) {
                assertThat(font.outline(letter).getBounds2D().getHeight())
                        .as("height of letter %d in %s", letter, resource)
                        .isBetween(0.7, 1.7);
                assertThat(font.outline(letter).getBounds2D().getWidth())
                        .as("width of letter %d in %s", letter, resource)
                        .isBetween(0.05, 2.0);
            }
        }
    }

    @Test
    void aMissingFontIsNamed() {
        assertThatThrownBy(() -> LetterFont.read("/no-such-font.ttf"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("/no-such-font.ttf is not on the class path");
    }
}
