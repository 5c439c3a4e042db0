package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.AugmentConfig.RandAugment;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Pattern;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.Resampling;

class TrainingViewTest {
    private static final Picture SQUARE = Pattern.narrow(48, 48);

    @Test
    void withoutVariationsItIsTheResampledPicture() {
        float[] view = new TrainingView(Configs.shares("20x30", Configs.PLAIN)).of(SQUARE, new RandomStream(1));
        assertThat(view).isEqualTo(shares(Resampling.BICUBIC.resize(SQUARE, 30, 20)));
    }

    @Test
    void flipsWithTheConfiguredProbability() {
        TrainingView view = new TrainingView(Configs.shares("24", Configs.augment(0.25, Configs.NO_OPERATIONS, 0, 0)));
        Picture plain = Resampling.BICUBIC.resize(SQUARE, 24, 24);
        float[] flipped = shares(Geometry.mirror(plain));
        int flips = 0;
        for (int i = 0; i < 2000; i++) {
            float[] values = view.of(SQUARE, RandomStream.of(8, i));
            if (Arrays.equals(values, flipped)) {
                flips++;
            } else {
                assertThat(values).isEqualTo(shares(plain));
            }
        }
        // Four standard deviations around 500.
        assertThat(flips).isBetween(422, 578);
    }

    @Test
    void jittersOnlyWhereThereAreNoOperations() {
        RandAugment operations = new RandAugment(1, 9, 0.5);
        TrainingView both = new TrainingView(Configs.shares("24", Configs.augment(0, operations, 0.4, 0)));
        TrainingView alone = new TrainingView(Configs.shares("24", Configs.augment(0, operations, 0, 0)));
        TrainingView jitter = new TrainingView(Configs.shares("24", Configs.augment(0, Configs.NO_OPERATIONS, 0.4, 0)));
        float[] plain = shares(Resampling.BICUBIC.resize(SQUARE, 24, 24));
        for (int i = 0; i < 20; i++) {
            assertThat(both.of(SQUARE, new RandomStream(i))).isEqualTo(alone.of(SQUARE, new RandomStream(i)));
            assertThat(jitter.of(SQUARE, new RandomStream(i))).isNotEqualTo(plain);
        }
    }

    @Test
    void jitterKeepsToItsStrength() {
        ColorJitter jitter = new ColorJitter(0.4);
        double least = 255;
        double most = 0;
        for (int i = 0; i < 3000; i++) {
            // On an even grey picture only brightness has an effect.
            int value = jitter.apply(Pattern.even(2, 2, 100, 100, 100), RandomStream.of(3, i))
                            .rgb()[0]
                    & 255;
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        assertThat(least).isEqualTo(60);
        assertThat(most).isEqualTo(139);
    }

    @Test
    void erasesARectangleWithNormalNoise() {
        TrainingView view =
                new TrainingView(Configs.imageNet("40x60", Configs.augment(0, Configs.NO_OPERATIONS, 0, 1)));
        TrainingView plain = new TrainingView(Configs.imageNet("40x60", Configs.PLAIN));
        float[] before = plain.of(SQUARE, new RandomStream(0));
        double count = 0;
        double sum = 0;
        double squares = 0;
        double areas = 0;
        for (int i = 0; i < 300; i++) {
            float[] after = view.of(SQUARE, RandomStream.of(2, i));
            int top = 40;
            int bottom = -1;
            int left = 60;
            int right = -1;
            int changed = 0;
            for (int at = 0; at < before.length; at++) {
                if (after[at] != before[at]) {
                    top = Math.min(top, at % 2400 / 60);
                    bottom = Math.max(bottom, at % 2400 / 60);
                    left = Math.min(left, at % 60);
                    right = Math.max(right, at % 60);
                    changed++;
                    count++;
                    sum += after[at];
                    squares += (double) after[at] * after[at];
                }
            }
            double area = (bottom - top + 1) * (right - left + 1);
            assertThat((double) changed).isEqualTo(3 * area);
            assertThat(area / 2400).isBetween(0.015, 0.36);
            areas += area / 2400 / 300;
        }
        assertThat(areas).isBetween(0.15, 0.19);
        assertThat(sum / count).isBetween(-0.01, 0.01);
        assertThat(squares / count).isBetween(0.98, 1.02);
    }

    @Test
    void isAPureFunctionOfPictureAndStream() {
        TrainingView view = new TrainingView(Configs.imageNet("32", Configs.RECIPE));
        Picture picture = Pattern.full(70, 50);
        List<Integer> once = IntStream.range(0, 200)
                .mapToObj(i -> Arrays.hashCode(view.of(picture, RandomStream.of(4, i))))
                .toList();
        List<Integer> again = IntStream.range(0, 200)
                .parallel()
                .mapToObj(i -> Arrays.hashCode(view.of(picture, RandomStream.of(4, i))))
                .toList();
        assertThat(again).isEqualTo(once);
        assertThat(once.stream().distinct().count()).isGreaterThan(195);
        assertThat(picture).usingRecursiveComparison().isEqualTo(Pattern.full(70, 50));
    }

    /** A run that is continued with a later version sees the same views. The number was taken on the first day. */
    @Test
    void staysTheSame() {
        TrainingView view = new TrainingView(Configs.imageNet("32", Configs.RECIPE));
        float[] views = new float[50 * view.length()];
        for (int i = 0; i < 50; i++) {
            view.write(Pattern.full(70, 50), RandomStream.of(4, i), views, i * view.length());
        }
        assertThat(Arrays.hashCode(views)).isEqualTo(596470298);
    }

    @Test
    void tinyPicturesCanBeVaried() {
        TrainingView view = new TrainingView(Configs.imageNet("16", Configs.RECIPE));
        for (int i = 0; i < 200; i++) {
            float[] values = view.of(Pattern.full(1 + i % 3, 1 + i % 2), RandomStream.of(6, i));
            for (float value : values) {
                assertThat(Float.isFinite(value)).isTrue();
            }
        }
    }

    private static float[] shares(Picture picture) {
        int plane = picture.width() * picture.height();
        float[] view = new float[3 * plane];
        for (int i = 0; i < view.length; i++) {
            view[i % 3 * plane + i / 3] = (picture.rgb()[i] & 255) / 255f;
        }
        return view;
    }
}
