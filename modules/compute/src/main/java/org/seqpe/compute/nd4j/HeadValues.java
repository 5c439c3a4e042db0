package org.seqpe.compute.nd4j;

import org.seqpe.compute.Heads;

/** The vectors that a row and head of a {@link Heads} name, in a copy of their tensor. */
final class HeadValues {
    private final Heads heads;
    private final float[] array;

    HeadValues(Heads heads) {
        this.heads = heads;
        this.array = heads.tensor().toArray();
    }

    /** Where the vector of this row and head begins. */
    int start(int row, int head) {
        return Math.toIntExact(heads.offset() + (long) row * heads.rowStride() + (long) head * heads.headStride());
    }

    /** An element. */
    float at(int row, int head, int d) {
        return array[start(row, head) + d];
    }

    /** The product of two vectors of a head. */
    double dot(int row, HeadValues other, int otherRow, int head, int width) {
        int start = start(row, head);
        int otherStart = other.start(otherRow, head);
        double sum = 0;
        for (int d = 0; d < width; d++) {
            sum += (double) array[start + d] * other.array[otherStart + d];
        }
        return sum;
    }
}
