package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.Pattern;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PictureDecoder;

class ContactSheetTest {
    private static final ImageConfig CONFIG = Configs.imageNet("6x9", Configs.PLAIN);
    private static final Resolution SIZE = new Resolution(6, 9);

    @Test
    void showsEachViewInItsPlaceAsItsPictureWas() throws Exception {
        EvaluationView view = new EvaluationView(CONFIG, SIZE, 1);
        List<Picture> pictures = List.of(Pattern.full(9, 6), Pattern.narrow(9, 6), Pattern.even(9, 6, 1, 254, 7));
        byte[] png = ContactSheet.png(pictures.stream().map(view::of).toList(), SIZE, CONFIG, 2);
        Picture sheet = PictureDecoder.decode(png);
        assertThat(sheet.width()).isEqualTo(4 + 2 * 13);
        assertThat(sheet.height()).isEqualTo(4 + 2 * 10);
        for (int y = 0; y < sheet.height(); y++) {
            for (int x = 0; x < sheet.width(); x++) {
                int inX = x % 13 - 4;
                int inY = y % 10 - 4;
                int index = y / 10 * 2 + x / 13;
                boolean inside = inX >= 0 && inY >= 0 && index < pictures.size();
                for (int channel = 0; channel < 3; channel++) {
                    int expected = inside ? pictures.get(index).rgb()[3 * (9 * inY + inX) + channel] & 255 : 255;
                    assertThat(sheet.rgb()[3 * (sheet.width() * y + x) + channel] & 255)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void refusesNothingAndViewsOfAnotherSize() {
        assertThatThrownBy(() -> ContactSheet.png(List.of(), SIZE, CONFIG, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 0 views and 2 in a row");
        assertThatThrownBy(() -> ContactSheet.png(List.of(new float[5]), SIZE, CONFIG, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
