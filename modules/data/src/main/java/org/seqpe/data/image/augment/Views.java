package org.seqpe.data.image.augment;

import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.Picture;

/** The layout that all views share. */
final class Views {
    private Views() {}

    /** Numbers of a view: 3 * rows * columns. */
    static int length(Resolution size) {
        return Picture.CHANNELS * size.rows() * size.columns();
    }

    /** @throws IllegalArgumentException if a view does not fit into numbers from an offset on */
    static void checkRoom(float[] numbers, int offset, Resolution size) {
        if (offset < 0 || offset > numbers.length - length(size)) {
            throw new IllegalArgumentException("Cannot write a view: expected room for " + length(size)
                    + " numbers from " + offset + " on, found an array of " + numbers.length);
        }
    }
}
