package org.seqpe.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.seqpe.core.UserException;

class BoundedTextTest {
    @Test
    void textsMayBeAsLongAsTheBoundAndBeginAnew() {
        BoundedText text = new BoundedText(10, () -> "the line at byte 7 of a.txt", "Divide it.");
        for (int round = 0; round < 3; round++) {
            text.write(new byte[6], 0, 6);
            text.write(new byte[9], 5, 4);
            assertThat(text.toByteArray()).hasSize(10);
            assertThatThrownBy(() -> text.write(new byte[1], 0, 1))
                    .isInstanceOf(UserException.class)
                    .hasMessage(
                            "Cannot read the line at byte 7 of a.txt: expected at most 10 bytes of text. Divide it.");
            text.reset();
        }
    }
}
