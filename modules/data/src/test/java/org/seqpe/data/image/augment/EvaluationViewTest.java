package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.Pattern;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PillowResults;
import org.seqpe.data.image.Resampling;

class EvaluationViewTest {
    @Test
    void squareViewsAreThoseOfTorchvisionAndPillow() throws IOException {
        List<List<String>> cases = PillowResults.of("evaluation");
        for (List<String> words : cases) {
            int side = Integer.parseInt(words.get(2));
            EvaluationView view = new EvaluationView(
                    Configs.shares("8", Configs.PLAIN), new Resolution(side, side), Double.parseDouble(words.get(3)));
            float[] values = view.of(Pattern.full(Integer.parseInt(words.get(0)), Integer.parseInt(words.get(1))));
            assertThat(PillowResults.hash(picture(values, side, side)))
                    .as(String.join(" ", words))
                    .isEqualTo(words.get(4));
        }
        assertThat(cases).hasSize(8);
    }

    private static Picture picture(float[] view, int rows, int columns) {
        byte[] rgb = new byte[view.length];
        for (int i = 0; i < rows * columns; i++) {
            for (int channel = 0; channel < 3; channel++) {
                rgb[3 * i + channel] = (byte) Math.round(view[channel * rows * columns + i] * 255);
            }
        }
        return new Picture(columns, rows, rgb);
    }

    @Test
    void otherResolutionsCoverBothSides() {
        // 40 / 0.8 = 50 rows and 60 / 0.8 = 75 columns; 100 x 30 pixels cover them as 166 x 50.
        EvaluationView view = new EvaluationView(Configs.shares("8", Configs.PLAIN), new Resolution(40, 60), 0.8);
        float[] wide = view.of(Pattern.full(100, 30));
        assertThat(picture(wide, 40, 60))
                .usingRecursiveComparison()
                .isEqualTo(Resampling.BICUBIC.centre(Pattern.full(100, 30), 166, 50, 60, 40));
        // 30 x 100 pixels cover them as 75 x 250.
        float[] narrow = view.of(Pattern.full(30, 100));
        assertThat(picture(narrow, 40, 60))
                .usingRecursiveComparison()
                .isEqualTo(Resampling.BICUBIC.centre(Pattern.full(30, 100), 75, 250, 60, 40));
    }

    @Test
    void normalizesEachChannelInItsPlane() {
        EvaluationView view = new EvaluationView(Configs.imageNet("8", Configs.PLAIN), new Resolution(2, 3), 1);
        float[] batch = new float[2 * view.length()];
        view.write(Pattern.even(9, 9, 255, 0, 51), batch, view.length());
        float[] expected = {(1 - 0.485f) / 0.229f, -0.456f / 0.224f, (0.2f - 0.406f) / 0.225f};
        for (int i = 0; i < view.length(); i++) {
            assertThat(batch[i]).isZero();
            assertThat(batch[view.length() + i]).isCloseTo(expected[i / 6], within(1e-6f));
        }
    }

    @Test
    void aVeryLongPictureNeedsLittleMemory() {
        EvaluationView view = new EvaluationView(Configs.shares("8", Configs.PLAIN), new Resolution(224, 224), 0.9);
        float[] values = view.of(Pattern.even(65535, 1, 10, 20, 30));
        assertThat(values[0]).isEqualTo(10 / 255f);
        assertThat(Arrays.copyOf(values, 224 * 224)).containsOnly(values[0]);
    }

    @Test
    void refusesWhatIsNoShareAndWhatDoesNotFit() {
        assertThatThrownBy(() -> new EvaluationView(Configs.shares("8", Configs.PLAIN), new Resolution(8, 8), 1.1))
                .hasMessage("Cannot make views: expected a crop ratio above 0 and at most 1, found 1.1");
        EvaluationView view = new EvaluationView(Configs.shares("8", Configs.PLAIN), new Resolution(8, 8), 1);
        assertThatThrownBy(() -> view.write(Pattern.full(8, 8), new float[191], 0))
                .hasMessage("Cannot write a view: expected room for 192 numbers from 0 on, found an array of 191");
    }
}
