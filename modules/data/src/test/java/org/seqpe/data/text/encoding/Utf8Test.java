package org.seqpe.data.text.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Utf8Test {
    /** A decoder's buffer holds 8192 characters; what lies across its ends is as valid as elsewhere. */
    @Test
    void findsTheFirstInvalidByteWhereverItIs() {
        byte[] text = ("x" + "\u00fc\u4e2d\ud83d\ude00".repeat(6200)).getBytes(StandardCharsets.UTF_8);
        assertThat(Utf8.firstInvalid(text)).isEqualTo(-1);
        for (int character : new int[] {0, 1, 2000, 4095, 6199}) {
            int at = 1 + 9 * character;
            byte[] damaged = text.clone();
            damaged[at] = (byte) 0xFF;
            assertThat(Utf8.firstInvalid(damaged)).as("byte %d", at).isEqualTo(at);
        }
        assertThat(Utf8.firstInvalid(Arrays.copyOf(text, text.length - 1)))
                .as("a character that is cut")
                .isEqualTo(text.length - 4);
    }
}
