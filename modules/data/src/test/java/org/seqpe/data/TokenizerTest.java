package org.seqpe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

class TokenizerTest {
    @Test
    void gpt2GivesTheIdsOfThePublishedVocabulary() {
        Tokenizer gpt2 = Tokenizers.of("gpt2");
        assertThat(gpt2.vocabularySize()).isEqualTo(50257);
        assertThat(gpt2.encode("The quick brown fox jumps over the lazy dog"))
                .containsExactly(464, 2068, 7586, 21831, 18045, 625, 262, 16931, 3290);
        assertThat(gpt2.encode("Hello, world!")).containsExactly(15496, 11, 995, 0);
        assertThat(gpt2.encode("\n\n")).containsExactly(628);
        assertThat(gpt2.encode("<|endoftext|>"))
                .as("text is never a special token")
                .doesNotContain(50256)
                .hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2"})
    void decodingGivesTheTextBack(String id) {
        Tokenizer tokenizer = Tokenizers.of(id);
        for (String text : new String[] {
            "", " ", "\r\n\t x  y", "naïve Ελλάδα 日本語 🙂🙂 \u0301e", "'s 're 12345 ½ __init__", "\ufeffBOM\u0000NUL"
        }) {
            int[] ids = tokenizer.encode(text);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
            for (int token : ids) {
                assertThat(token).isBetween(0, tokenizer.vocabularySize() - 1);
            }
        }
        assertThat(tokenizer.hash()).hasSize(64).isEqualTo(Tokenizers.of(id).hash());
    }

    @Test
    void longDocumentsNeedNoCutting() {
        String sentence = "It was a bright cold day in April, and the clocks were striking thirteen.\n";
        assertFast(sentence.repeat(5_000_000 / sentence.length()));
        assertFast("x".repeat(500_000));
    }

    /** Half a second each on the machine this was written on; a quadratic algorithm would take hours. */
    private static void assertFast(String book) {
        Tokenizer gpt2 = Tokenizers.of("gpt2");
        int[] ids = assertTimeout(Duration.ofSeconds(60), () -> gpt2.encode(book));
        assertThat(gpt2.decode(ids).equals(book)).isTrue();
    }

    @Test
    void unknownTokenizersAreRefused() {
        assertThatThrownBy(() -> Tokenizers.of("gpt3"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("'gpt3'")
                .hasMessageContaining("gpt2, bytes");
    }

    @Test
    void countsFollowUnicodeWhiteSpace() {
        assertThat(counts("")).isEqualTo(new TextCounts(0, 0, 0));
        assertThat(counts(" one  two\nthree\t")).isEqualTo(new TextCounts(3, 16, 16));
        assertThat(counts("a\u00a0b\u3000c\u2028d\u0085e"))
                .as("as Python's split")
                .isEqualTo(new TextCounts(5, 15, 9));
        assertThat(counts("a\u200bb 🙂"))
                .as("a zero-width space is no white space")
                .isEqualTo(new TextCounts(2, 10, 5));
    }

    private static TextCounts counts(String text) {
        return TextCounts.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
