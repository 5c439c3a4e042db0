package org.seqpe.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class PictureDecoderTest {
    @Test
    void decodesEveryKindOfFileAsPillowDoes() throws IOException {
        SoftAssertions all = new SoftAssertions();
        List<List<String>> cases = PillowResults.of("file");
        for (List<String> words : cases) {
            try {
                Picture picture = PictureDecoder.decode(PillowResults.resource(words.get(0)));
                all.assertThat(picture.width() + " " + picture.height() + " " + PillowResults.hash(picture))
                        .as(words.get(0))
                        .isEqualTo(String.join(" ", words.subList(1, 4)));
            } catch (PictureException e) {
                all.fail(words.get(0) + ": " + e.getMessage());
            }
        }
        assertThat(cases).hasSizeGreaterThan(30);
        all.assertAll();
    }
}
