package org.seqpe.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.seqpe.core.random.RandomStream;

class ResamplingTest {
    @Test
    void isPillowsToTheBit() throws IOException {
        SoftAssertions all = new SoftAssertions();
        List<List<String>> cases = PillowResults.of("resize");
        for (List<String> words : cases) {
            int[] n = words.subList(1, 9).stream().mapToInt(Integer::parseInt).toArray();
            Picture resized = Resampling.valueOf(words.get(0))
                    .resize(Pattern.full(n[0], n[1]), n[2], n[3], n[4], n[5], n[6], n[7]);
            all.assertThat(PillowResults.hash(resized))
                    .as(String.join(" ", words))
                    .isEqualTo(words.get(9));
        }
        assertThat(cases).hasSizeGreaterThan(30);
        all.assertAll();
    }

    /** Each of two roundings to 8 bits moves a value by at most 0.5; the second sees the first through its weights. */
    @Test
    void isCloseToADoublePrecisionLoopForRandomRectangles() {
        RandomStream random = new RandomStream(5);
        for (int i = 0; i < 60; i++) {
            Resampling filter = Resampling.values()[random.nextInt(2)];
            Picture source = Pattern.narrow(1 + random.nextInt(70), 1 + random.nextInt(70));
            int width = 1 + random.nextInt(source.width());
            int height = 1 + random.nextInt(source.height());
            int left = random.nextInt(source.width() - width + 1);
            int top = random.nextInt(source.height() - height + 1);
            int newWidth = 1 + random.nextInt(90);
            int newHeight = 1 + random.nextInt(90);
            Picture resized = filter.resize(source, left, top, width, height, newWidth, newHeight);
            double worst = 0;
            for (int y = 0; y < newHeight; y++) {
                for (int x = 0; x < newWidth; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        double exact =
                                exact(filter, source, left, top, width, height, newWidth, newHeight, x, y, channel);
                        int found = resized.rgb()[3 * (y * newWidth + x) + channel] & 255;
                        worst = Math.max(worst, Math.abs(found - exact));
                    }
                }
            }
            assertThat(worst).as("the largest error").isLessThan(1.2);
        }
    }

    /** The definition: every pixel of the rectangle, by the product of the filter's values. */
    private static double exact(
            Resampling filter,
            Picture source,
            int left,
            int top,
            int width,
            int height,
            int newWidth,
            int newHeight,
            int newX,
            int newY,
            int channel) {
        double[] across = weights(filter, width, newWidth, newX);
        double[] down = weights(filter, height, newHeight, newY);
        double sum = 0;
        for (int y = 0; y < height; y++) {
            double inRow = 0;
            for (int x = 0; x < width && down[y] != 0; x++) {
                inRow += across[x] * (source.rgb()[3 * ((top + y) * source.width() + left + x) + channel] & 255);
            }
            sum += inRow * down[y];
        }
        return Math.max(0, Math.min(255, sum));
    }

    private static double[] weights(Resampling filter, int oldSize, int newSize, int at) {
        double scale = (double) oldSize / newSize;
        double[] weights = new double[oldSize];
        double sum = 0;
        for (int i = 0; i < oldSize; i++) {
            double distance = (i + 0.5 - (at + 0.5) * scale) / Math.max(1, scale);
            weights[i] = filter == Resampling.BILINEAR ? Math.max(0, 1 - Math.abs(distance)) : keys(Math.abs(distance));
            sum += weights[i];
        }
        for (int i = 0; i < oldSize; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    private static double keys(double x) {
        if (x >= 2) {
            return 0;
        }
        return x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1 : -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2;
    }

    @Test
    void theCentreIsThatOfTheWholeResampledPicture() {
        Picture source = Pattern.full(61, 43);
        Picture whole = Resampling.BICUBIC.resize(source, 47, 38);
        Picture centre = Resampling.BICUBIC.centre(source, 47, 38, 20, 15);
        // 13.5 and 11.5 are rounded to the even number.
        for (int y = 0; y < 15; y++) {
            for (int i = 0; i < 60; i++) {
                assertThat(centre.rgb()[60 * y + i]).isEqualTo(whole.rgb()[3 * (47 * (y + 12) + 14) + i]);
            }
        }
    }

    @Test
    void keepsEvenColours() {
        for (Resampling filter : Resampling.values()) {
            Picture resized = filter.resize(Pattern.even(31, 17, 255, 1, 128), 224, 5);
            assertThat(resized).usingRecursiveComparison().isEqualTo(Pattern.even(224, 5, 255, 1, 128));
        }
    }

    @Test
    void refusesRectanglesOutsideOfThePicture() {
        Picture source = Pattern.full(10, 8);
        assertThatThrownBy(() -> Resampling.BICUBIC.resize(source, 5, 0, 6, 8, 4, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inside of 10 x 8 pixels, found 6 x 8 at 5, 0");
        assertThatThrownBy(() -> Resampling.BICUBIC.resize(source, 0, 0, 0, 8, 4, 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Resampling.BICUBIC.resize(source, 0, 4))
                .hasMessageContaining("at least 1 x 1, found 0 x 4");
    }
}
