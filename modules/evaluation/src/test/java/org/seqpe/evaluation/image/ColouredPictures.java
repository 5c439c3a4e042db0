package org.seqpe.evaluation.image;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.seqpe.core.config.Resolution;

/**
 * Pictures of one colour, that of their class and some noise. Classes come in twins with similar colours, which are
 * easy to confuse.
 *
 * @param size number of pictures
 * @param classes number of classes
 */
public record ColouredPictures(long size, int classes) implements ImagePictures {

    /** The colour of a class: three channels. */
    static double[] colour(int classIndex) {
        SplittableRandom random = new SplittableRandom(classIndex / 2);
        double twin = classIndex % 2 * 0.15;
        return new double[] {
            random.nextDouble(-1, 1) + twin, random.nextDouble(-1, 1) - twin, random.nextDouble(-1, 1) + twin
        };
    }

    public static List<String> names(int classes) {
        return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    }

    @Override
    public int label(long i) {
        return (int) (i * 7 % classes);
    }

    @Override
    public void read(long first, int count, Resolution size, float[] out) {
        int pixels = size.rows() * size.columns();
        for (int i = 0; i < count; i++) {
            SplittableRandom noise = new SplittableRandom(first + i + 1000);
            double[] colour = colour(label(first + i));
            for (int c = 0; c < 3; c++) {
                int at = (3 * i + c) * pixels;
                Arrays.fill(out, at, at + pixels, (float) (colour[c] + noise.nextDouble(-0.2, 0.2)));
            }
        }
    }
}
