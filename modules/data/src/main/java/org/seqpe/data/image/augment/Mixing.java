package org.seqpe.data.image.augment;

import org.seqpe.core.config.AugmentConfig;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;

/**
 * Mixup (arXiv 1710.09412) and cutmix (arXiv 1905.04899) of a batch, as timm's Mixup does in its mode "batch": one
 * share and, for cutmix, one rectangle for all pictures. Picture i is mixed with picture B - 1 - i, whose label gets
 * the rest of the share. In a batch of odd size the middle picture stays as it is.
 *
 * <p>It is immutable and may be used by any number of threads, each with its own batch.
 */
public final class Mixing {
    private final AugmentConfig config;

    /** @param config probabilities, and the beta distributions of the shares */
    public Mixing(AugmentConfig config) {
        this.config = config;
    }

    /** The partner of a picture in a batch, whose label gets 1 minus the returned share. */
    public static int partner(int index, int batch) {
        return batch - 1 - index;
    }

    /**
     * Mixes a batch in place.
     *
     * @param pictures [batch, 3, rows, columns]
     * @param random makes all choices; the same state gives the same mixture
     * @return the share of a picture's own label, from 0 to 1; 1 if the batch was not mixed
     * @throws IllegalArgumentException if the array has another length
     */
    public double mix(float[] pictures, int batch, int rows, int columns, RandomStream random) {
        long expected = (long) batch * Picture.CHANNELS * rows * columns;
        if (pictures.length != expected) {
            throw new IllegalArgumentException(
                    "Cannot mix a batch: expected " + expected + " numbers, found " + pictures.length);
        }
        if (!config.mixes() || random.nextDouble() >= config.mixProbability()) {
            return 1;
        }
        boolean cut = config.cutmix() > 0 && (config.mixup() == 0 || random.nextDouble() < config.mixSwitch());
        double share = BetaDistribution.draw(cut ? config.cutmix() : config.mixup(), random);
        if (share == 1) {
            return 1;
        }
        if (cut) {
            Rectangle rectangle = Rectangle.draw(rows, columns, share, random);
            rectangle.swap(pictures, batch, rows, columns);
            return 1 - (double) rectangle.area() / (rows * columns);
        }
        blend(pictures, batch, Picture.CHANNELS * rows * columns, share);
        return share;
    }

    private static void blend(float[] pictures, int batch, int length, double part) {
        float share = (float) part;
        float rest = (float) (1 - part);
        for (int i = 0; i < batch / 2; i++) {
            int first = i * length;
            int second = partner(i, batch) * length;
            for (int at = 0; at < length; at++) {
                float a = pictures[first + at];
                float b = pictures[second + at];
                pictures[first + at] = a * share + b * rest;
                pictures[second + at] = b * share + a * rest;
            }
        }
    }

    /** The part of each picture that cutmix replaces, from the first row and column up to before the last ones. */
    private record Rectangle(int top, int bottom, int left, int right) {
        /** Around a uniform centre, with the proportions of the picture and 1 - share of its area, cut at its edges. */
        static Rectangle draw(int rows, int columns, double share, RandomStream random) {
            double ratio = Math.sqrt(1 - share);
            int halfHeight = (int) (rows * ratio) / 2;
            int halfWidth = (int) (columns * ratio) / 2;
            int y = random.nextInt(rows);
            int x = random.nextInt(columns);
            return new Rectangle(
                    Math.max(0, y - halfHeight),
                    Math.min(rows, y + halfHeight),
                    Math.max(0, x - halfWidth),
                    Math.min(columns, x + halfWidth));
        }

        int area() {
            return (bottom - top) * (right - left);
        }

        void swap(float[] pictures, int batch, int rows, int columns) {
            int plane = rows * columns;
            int planes = Picture.CHANNELS;
            float[] kept = new float[right - left];
            for (int i = 0; i < batch / 2; i++) {
                for (int channel = 0; channel < planes; channel++) {
                    for (int y = top; y < bottom; y++) {
                        int within = channel * plane + y * columns + left;
                        int first = i * planes * plane + within;
                        int second = partner(i, batch) * planes * plane + within;
                        System.arraycopy(pictures, first, kept, 0, kept.length);
                        System.arraycopy(pictures, second, pictures, first, kept.length);
                        System.arraycopy(kept, 0, pictures, second, kept.length);
                    }
                }
            }
        }
    }
}
