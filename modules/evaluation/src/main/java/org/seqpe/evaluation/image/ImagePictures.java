package org.seqpe.evaluation.image;

import org.seqpe.core.config.Resolution;

/** The pictures that are classified: those of a split, in a fixed order. They are read piece by piece. */
public interface ImagePictures {

    /** Number of pictures. */
    long size();

    /** Index of the class that picture i shows, counted from 0. */
    int label(long i);

    /**
     * Reads pictures as the model sees them at a resolution.
     *
     * @param first index of the first picture
     * @param count pictures to read
     * @param size rows and columns to give them
     * @param out receives [count, 3, rows, columns]; it may be longer
     */
    void read(long first, int count, Resolution size, float[] out);
}
