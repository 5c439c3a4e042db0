package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.seqpe.core.config.AugmentConfig.RandAugment;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Pattern;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PillowResults;

class RandomOperationsTest {
    private static final List<Double> MEAN = List.of(0.485, 0.456, 0.406);
    private static final byte[] FILL = {124, 116, 104};

    /** timm's arguments at magnitude 9: half of all pictures stay, and of the rest each operation gets a fifteenth. */
    @Test
    void drawsEachOperationEquallyOftenWithTimmsArguments() {
        Picture picture = Pattern.narrow(16, 16);
        Map<String, Double> expected = new HashMap<>();
        expected.put(PillowResults.hash(picture), 0.5);
        for (Picture result : List.of(
                Tones.autoContrast(picture),
                Tones.equalize(picture),
                Tones.invert(picture),
                Tones.posterize(picture, 1),
                Tones.solarize(picture, 26),
                Tones.solarizeAdd(picture, 99))) {
            expected.merge(PillowResults.hash(result), 1.0 / 30, Double::sum);
        }
        for (int sign = -1; sign <= 1; sign += 2) {
            double factor = 1 + sign * 0.81;
            for (Picture result : List.of(
                    Geometry.rotate(picture, sign * 27, FILL),
                    Geometry.shearX(picture, sign * 0.27, FILL),
                    Geometry.shearY(picture, sign * 0.27, FILL),
                    Geometry.translateX(picture, sign * 0.405, FILL),
                    Geometry.translateY(picture, sign * 0.405, FILL),
                    Enhancement.color(picture, factor),
                    Enhancement.contrast(picture, factor),
                    Enhancement.brightness(picture, factor),
                    Enhancement.sharpness(picture, factor))) {
                expected.merge(PillowResults.hash(result), 1.0 / 60, Double::sum);
            }
        }
        assertThat(expected).hasSizeGreaterThanOrEqualTo(24);
        RandomOperations operations = new RandomOperations(new RandAugment(1, 9, 0), MEAN);
        Map<String, Integer> seen = new HashMap<>();
        int count = 12_000;
        for (int i = 0; i < count; i++) {
            seen.merge(PillowResults.hash(operations.apply(picture, RandomStream.of(7, i))), 1, Integer::sum);
        }
        assertThat(seen.keySet()).isEqualTo(expected.keySet());
        expected.forEach((hash, share) -> assertThat((double) seen.get(hash))
                .isBetween(
                        count * share - 5 * Math.sqrt(count * share * (1 - share)),
                        count * share + 5 * Math.sqrt(count * share * (1 - share))));
    }

    @Test
    void strengthsAreNormalAndCut() {
        Picture picture = Pattern.full(4, 4);
        RandomOperations wild = new RandomOperations(new RandAugment(3, 5, 100), MEAN);
        RandomOperations narrow = new RandomOperations(new RandAugment(1, 9, 0.5), MEAN);
        double sum = 0;
        double squares = 0;
        int count = 0;
        for (int i = 0; i < 30_000; i++) {
            wild.apply(picture, RandomStream.of(9, i));
            RandomStream copy = RandomStream.of(10, i);
            Operation drawn = Operation.values()[copy.nextInt(15)];
            Picture result = narrow.apply(Pattern.even(1, 1, 100, 100, 100), RandomStream.of(10, i));
            int value = result.rgb()[0] & 255;
            if (drawn == Operation.BRIGHTNESS_INCREASING && value > 100) {
                double strength = (value + 0.5 - 100) / 9;
                sum += strength;
                squares += strength * strength;
                count++;
            }
        }
        double mean = sum / count;
        assertThat(count).isGreaterThan(300);
        // Of N(9, 0.5), cut at 10: mean 8.996 and standard deviation 0.488.
        assertThat(mean).isBetween(8.9, 9.1);
        assertThat(Math.sqrt(squares / count - mean * mean)).isBetween(0.43, 0.55);
    }
}
