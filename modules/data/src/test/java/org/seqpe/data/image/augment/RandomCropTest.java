package org.seqpe.data.image.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.core.random.RandomStream;

class RandomCropTest {
    private static final List<Double> AREA = List.of(0.08, 1.0);
    private static final List<Double> ASPECT = List.of(3.0 / 4, 4.0 / 3);

    @Test
    void staysInsideAndWithinItsRanges() {
        RandomStream random = new RandomStream(1);
        for (int i = 0; i < 20_000; i++) {
            RandomCrop crop = RandomCrop.draw(500, 375, AREA, ASPECT, random);
            assertThat(crop.left()).isBetween(0, 500 - crop.width());
            assertThat(crop.top()).isBetween(0, 375 - crop.height());
            double share = (double) crop.width() * crop.height() / (500 * 375);
            double aspect = (double) crop.width() / crop.height();
            assertThat(share).isBetween(0.079, 1.0);
            assertThat(aspect).isBetween(0.74, 1.35);
        }
    }

    @Test
    void areaPlaceAndLogarithmOfTheRatioAreUniform() {
        RandomStream random = new RandomStream(2);
        int count = 20_000;
        double area = 0;
        double squares = 0;
        double ratio = 0;
        double place = 0;
        for (int i = 0; i < count; i++) {
            RandomCrop crop = RandomCrop.draw(4000, 4000, List.of(0.1, 0.5), ASPECT, random);
            double share = (double) crop.width() * crop.height() / 16e6;
            area += share / count;
            squares += share * share / count;
            ratio += Math.log((double) crop.width() / crop.height()) / count;
            place += (double) crop.left() / (4000 - crop.width()) / count;
        }
        assertThat(area).isBetween(0.296, 0.304);
        assertThat(squares - area * area).isBetween(0.16 / 12 * 0.97, 0.16 / 12 * 1.03);
        assertThat(ratio).isBetween(-0.005, 0.005);
        assertThat(place).isBetween(0.49, 0.51);
    }

    @Test
    void takesTheCentreWhereNothingFits() {
        assertThat(RandomCrop.draw(1000, 10, List.of(0.5, 1.0), ASPECT, new RandomStream(3)))
                .isEqualTo(new RandomCrop(493, 0, 13, 10));
        assertThat(RandomCrop.draw(10, 1000, List.of(0.5, 1.0), ASPECT, new RandomStream(3)))
                .isEqualTo(new RandomCrop(0, 493, 10, 13));
        assertThat(RandomCrop.draw(500, 375, List.of(1.0, 1.0), List.of(1.0, 1.0), new RandomStream(3)))
                .isEqualTo(new RandomCrop(62, 0, 375, 375));
        assertThat(RandomCrop.draw(1, 1, List.of(0.08, 0.1), ASPECT, new RandomStream(3)))
                .isEqualTo(new RandomCrop(0, 0, 1, 1));
    }
}
