package org.seqpe.evaluation.image;

import org.seqpe.core.config.Resolution;
import org.seqpe.evaluation.SweepPoint;

/**
 * Pictures at a resolution.
 *
 * @param size rows and columns of every picture
 * @param pictures how many there are; they are the first of the split
 */
public record ImagePoint(Resolution size, long pictures) implements SweepPoint {

    @Override
    public String label() {
        return "resolution " + size;
    }

    /** Pixels of all pictures. */
    @Override
    public long inputs() {
        return pictures * size.rows() * size.columns();
    }

    @Override
    public ImagePoint measurement() {
        return this;
    }
}
