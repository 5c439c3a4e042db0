package org.seqpe.data.image.augment;

import java.util.List;
import org.seqpe.core.random.RandomStream;

/**
 * Part of a picture, by torchvision's rule for RandomResizedCrop: a share of the area that is uniform and a ratio of
 * width to height whose logarithm is uniform, up to ten times until such a rectangle fits. If none does, the largest
 * rectangle in the centre whose ratio is in the range.
 *
 * @param left first column
 * @param top first row
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
record RandomCrop(int left, int top, int width, int height) {
    private static final int TRIES = 10;

    /**
     * Draws a rectangle.
     *
     * @param area smallest and largest share of the picture's area
     * @param aspect smallest and largest ratio of width to height
     */
    static RandomCrop draw(
            int pictureWidth, int pictureHeight, List<Double> area, List<Double> aspect, RandomStream random) {
        double whole = (double) pictureWidth * pictureHeight;
        for (int i = 0; i < TRIES; i++) {
            double target = Uniform.draw(area.get(0), area.get(1), random) * whole;
            double ratio = Uniform.drawLogarithmic(aspect.get(0), aspect.get(1), random);
            int width = (int) Math.rint(Math.sqrt(target * ratio));
            int height = (int) Math.rint(Math.sqrt(target / ratio));
            if (width >= 1 && height >= 1 && width <= pictureWidth && height <= pictureHeight) {
                int top = random.nextInt(pictureHeight - height + 1);
                int left = random.nextInt(pictureWidth - width + 1);
                return new RandomCrop(left, top, width, height);
            }
        }
        return centre(pictureWidth, pictureHeight, aspect.get(0), aspect.get(1));
    }

    private static RandomCrop centre(int pictureWidth, int pictureHeight, double narrowest, double widest) {
        double ratio = (double) pictureWidth / pictureHeight;
        int width = pictureWidth;
        int height = pictureHeight;
        if (ratio < narrowest) {
            height = Math.max(1, (int) Math.rint(width / narrowest));
        } else if (ratio > widest) {
            width = Math.max(1, (int) Math.rint(height * widest));
        }
        return new RandomCrop((pictureWidth - width) / 2, (pictureHeight - height) / 2, width, height);
    }
}
