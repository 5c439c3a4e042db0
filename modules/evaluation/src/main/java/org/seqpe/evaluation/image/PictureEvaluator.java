package org.seqpe.evaluation.image;

import java.util.function.LongConsumer;
import org.seqpe.core.UserException;
import org.seqpe.core.config.Resolution;

/**
 * Classifies pictures at a resolution, batch after batch. A picture depends on nothing but its index, so any part of
 * the pictures may be counted anywhere.
 */
public final class PictureEvaluator {
    private static final int CHANNELS = 3;

    private final ImageScorer scorer;
    private final ImagePictures pictures;
    private final int classes;
    private final Resolution size;
    private final int batch;
    private final float[] buffer;

    /**
     * @param classes that the model tells apart
     * @param batch pictures that are scored at once
     * @throws UserException if a batch has too many values for an array
     */
    public PictureEvaluator(ImageScorer scorer, ImagePictures pictures, int classes, Resolution size, int batch) {
        this.scorer = scorer;
        this.pictures = pictures;
        this.classes = classes;
        this.size = size;
        this.batch = (int) Math.min(batch, Math.max(1, pictures.size()));
        long values = this.batch * (CHANNELS * (long) size.rows() * size.columns());
        if (values > Integer.MAX_VALUE - 8) {
            throw new UserException("Cannot classify batches of " + this.batch + " pictures of " + size
                    + " pixels: expected at most 2^31 values, found " + values + "; lower evaluation.batch-images");
        }
        this.buffer = new float[(int) values];
    }

    /**
     * Counts the pictures [from, to).
     *
     * @param scored receives the number of pixels of each batch that is done
     * @throws NonFiniteLogitException if a logit is NaN or infinite
     */
    public PictureSums sums(long from, long to, LongConsumer scored) {
        PictureSums sums = new PictureSums(classes);
        for (long first = from; first < to; first += batch) {
            int count = (int) Math.min(batch, to - first);
            pictures.read(first, count, size, buffer);
            int[] labels = new int[count];
            for (int i = 0; i < count; i++) {
                labels[i] = pictures.label(first + i);
            }
            sums.add(first, scorer.logits(buffer, count, size), labels);
            scored.accept(new ImagePoint(size, count).inputs());
        }
        return sums;
    }
}
