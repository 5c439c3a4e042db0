package org.seqpe.data.image.augment;

import org.seqpe.core.config.Resolution;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;

/**
 * Random erasing (arXiv 1708.04896) as timm does it in its mode "pixel": one rectangle of a normalized picture is
 * filled with standard normal noise, drawn anew for every pixel and channel. Its area is uniform from 2 % to a third of
 * the picture's, and its ratio of height to width is from 0.3 to 1/0.3, of uniform logarithm. If no rectangle in ten
 * tries is smaller than the picture in both directions, nothing is erased.
 */
final class RandomErasing {
    private static final int TRIES = 10;
    private static final double LEAST_AREA = 0.02;
    private static final double MOST_AREA = 1.0 / 3;
    private static final double LEAST_RATIO = 0.3;

    private final double probability;

    RandomErasing(double probability) {
        this.probability = probability;
    }

    /** @param view [3, rows, columns] from an offset on */
    void apply(float[] view, int offset, Resolution size, RandomStream random) {
        if (random.nextDouble() >= probability) {
            return;
        }
        double whole = (double) size.rows() * size.columns();
        for (int i = 0; i < TRIES; i++) {
            double area = Uniform.draw(LEAST_AREA, MOST_AREA, random) * whole;
            double ratio = Uniform.drawLogarithmic(LEAST_RATIO, 1 / LEAST_RATIO, random);
            int rows = (int) Math.rint(Math.sqrt(area * ratio));
            int columns = (int) Math.rint(Math.sqrt(area / ratio));
            if (rows < size.rows() && columns < size.columns()) {
                int top = random.nextInt(size.rows() - rows + 1);
                int left = random.nextInt(size.columns() - columns + 1);
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    for (int y = top; y < top + rows; y++) {
                        int at = offset + (channel * size.rows() + y) * size.columns() + left;
                        for (int x = 0; x < columns; x++) {
                            view[at + x] = (float) random.nextGaussian();
                        }
                    }
                }
                return;
            }
        }
    }
}
