package org.seqpe.evaluation.qa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers against gold answers, counted by hand as the authors and SQuAD count them. */
class AnswerTextTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\" Denver Broncos won\", Denver Broncos, true",
                "\"the DENVER broncos.\", \" Denver Broncos \", true",
                "\"Denver  Broncos\", Denver Broncos, false",
                "\"Denver\", Denver Broncos, false",
                "\"year 1987\", 198, true",
                "\"\", Denver, false",
                "\"Straße\", STRASSE, false"
            })
    void aGoldAnswerIsFoundAnywhereInTheText(String text, String gold, boolean found) {
        assertThat(AnswerText.contains(text, List.of("no such words", gold))).isEqualTo(found);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "\" The Denver Broncos.\", Denver Broncos, true",
                "\"denver-broncos\", denverbroncos, true",
                "\"Denver Broncos won\", Denver Broncos, false",
                "\"an apple\", apple, true",
                "\"another apple\", apple, false",
                "\"theatre\", atre, false",
                "\"£5\", 5, false",
                "\"$5\", 5, true"
            })
    void caseArticlesAndPunctuationDoNotCountForSquad(String text, String gold, boolean exact) {
        assertThat(AnswerText.isExact(text, List.of("no such words", gold))).isEqualTo(exact);
    }

    @Test
    void f1IsOfTheWordsInCommon() {
        // Two of three words, both of the two gold ones: 2 * (2/3 * 1) / (2/3 + 1).
        assertThat(AnswerText.f1("Denver Broncos won", List.of("the Denver Broncos")))
                .isCloseTo(0.8, within(1e-12));
        // A word that is said twice is found once: 1 of 2, 1 of 1.
        assertThat(AnswerText.f1("one one", List.of("one"))).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(AnswerText.f1("one one", List.of("two", "one one three"))).isCloseTo(0.8, within(1e-12));
        assertThat(AnswerText.f1("seven", List.of("eight"))).isZero();
    }

    /** Texts of which nothing is left: SQuAD counts them as equal to each other and to nothing else. */
    @Test
    void textsWithoutWordsEqualEachOther() {
        assertThat(AnswerText.f1("the", List.of("a"))).isEqualTo(1);
        assertThat(AnswerText.isExact(" .", List.of("!"))).isTrue();
        assertThat(AnswerText.f1("", List.of("word"))).isZero();
        assertThat(AnswerText.f1("word", List.of("the"))).isZero();
    }
}
