package org.seqpe.evaluation.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.seqpe.evaluation.Intervals;

class PictureSumsTest {

    private static PictureSums of(int label, float... logits) {
        PictureSums sums = new PictureSums(logits.length);
        sums.add(0, logits, label);
        return sums;
    }

    @Test
    void ofEqualLogitsTheLowerIndexComesFirst() {
        assertThat(of(0, 1, 1, 0).top1()).isEqualTo(1);
        assertThat(of(1, 1, 1, 0).top1()).isZero();
        assertThat(of(1, 1, 1, 0).confusion().count(1, 0)).isEqualTo(1);
        // Zeros of both signs are equal.
        assertThat(of(1, -0f, 0f).top1()).isZero();
        assertThat(of(4, 2, 2, 2, 2, 2, 2).top5()).isEqualTo(1);
        assertThat(of(5, 2, 2, 2, 2, 2, 2).top5()).isZero();
        assertThat(of(5, 2, 1, 3, 2, 2, 2).top5()).isEqualTo(1);
        assertThat(of(5, 2, 3, 3, 2, 2, 2).top5()).isZero();
    }

    @Test
    void withUpToFiveClassesEveryPictureIsATop5Hit() {
        assertThat(of(4, 5, 4, 3, 2, 1).top5()).isEqualTo(1);
        assertThat(of(4, 5, 4, 3, 2, 1).top1()).isZero();
    }

    @Test
    void theLossIsTheCrossEntropyWithoutOverflow() {
        assertThat(of(0, 0, (float) Math.log(3)).losses().total()).isCloseTo(Math.log(4), within(1e-7));
        assertThat(of(1, 7, 7, 7, 7).losses().total()).isCloseTo(Math.log(4), within(1e-15));
        assertThat(of(0, -1000, 1000).losses().total()).isEqualTo(2000);
        assertThat(of(1, -1000, 1000).losses().total()).isZero();
        assertThat(of(0, -Float.MAX_VALUE, Float.MAX_VALUE).losses().total()).isEqualTo(2.0 * Float.MAX_VALUE);
    }

    @Test
    void aLogitThatIsNoNumberNamesItsPicture() {
        PictureSums sums = new PictureSums(2);
        assertThatThrownBy(() -> sums.add(40, new float[] {0, 1, 0, Float.NaN}, 0, 1))
                .isInstanceOf(NonFiniteLogitException.class)
                .hasMessageStartingWith("The logit of class 1 of picture 41 is NaN: the model's outputs");
        assertThatThrownBy(() -> sums.add(0, new float[] {Float.NEGATIVE_INFINITY, 1}, 1))
                .isInstanceOf(NonFiniteLogitException.class);
    }

    @Test
    void whatDoesNotFitIsNotCounted() {
        PictureSums sums = new PictureSums(3);
        assertThatThrownBy(() -> sums.add(0, new float[4], 0, 1)).hasMessageContaining("found 4 logits");
        assertThatThrownBy(() -> sums.add(7, new float[3], 3))
                .hasMessage("Cannot count picture 7: expected a class from 0 to 2, found 3");
        assertThatThrownBy(() -> sums.merge(new PictureSums(4))).hasMessageContaining("expected 3 classes, found 4");
    }

    /** What an executor would send. */
    private static PictureSums sent(PictureSums sums) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(sums);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (PictureSums) in.readObject();
        }
    }

    private static List<Object> results(PictureSums sums) {
        return List.of(
                sums.pictures(),
                sums.top1(),
                sums.top5(),
                sums.losses().mean(),
                Intervals.meanLoss(sums.losses()).orElseThrow(),
                sums.confusion().largest(ColouredPictures.names(30)));
    }

    @Test
    void theBitsDoNotDependOnBatchesOrOnTheOrderOfMerging() throws Exception {
        int classes = 30;
        int pictures = 700;
        Random random = new Random(4);
        float[] logits = new float[pictures * classes];
        int[] labels = new int[pictures];
        for (int i = 0; i < pictures; i++) {
            labels[i] = random.nextInt(classes);
            for (int c = 0; c < classes; c++) {
                logits[i * classes + c] = (float) (4 * random.nextGaussian());
            }
        }
        PictureSums whole = new PictureSums(classes);
        whole.add(0, logits, labels);
        assertThat(whole.top1()).isBetween(1L, whole.top5() - 1);
        for (int trial = 0; trial < 10; trial++) {
            List<PictureSums> parts = new ArrayList<>(List.of(new PictureSums(classes)));
            for (int from = 0, to; from < pictures; from = to) {
                to = Math.min(pictures, from + 1 + random.nextInt(100));
                PictureSums part = new PictureSums(classes);
                part.add(
                        from,
                        Arrays.copyOfRange(logits, from * classes, to * classes),
                        Arrays.copyOfRange(labels, from, to));
                parts.add(sent(part));
            }
            Collections.shuffle(parts, random);
            PictureSums merged = new PictureSums(classes);
            parts.forEach(merged::merge);
            assertThat(results(merged)).isEqualTo(results(whole));
        }
    }
}
