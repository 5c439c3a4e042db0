package org.seqpe.compute;

import java.util.Arrays;

/**
 * What one call of attention to a cache computes: a new row of every sample sees all rows of its sample that came
 * before, and itself. For sample b, whose cache has {@code n = lengths_b} rows, head h and key j in 0..n:
 *
 * <pre>
 * logit(j) = scale * (q_b . k_j + positionScale * pq_b . pk_j) + slope_h * (j - n)
 * out_b    = sum over j of softmax_j(logit(j)) * v_j
 * </pre>
 *
 * The new row's key and value are written to row n of the cache first. It is what {@link Attention} computes for the
 * last row of a causal sample.
 *
 * @param batch B
 * @param capacity rows of each sample in the cache
 * @param longest the largest of the lengths, below the capacity
 * @param heads H
 * @param width D, elements of a query, key and value head vector
 * @param scale factor of the logits, usually 1/sqrt(D)
 * @param slopes effective ALiBi slope of each head [H], or null for no bias
 * @param positionWidth elements of a position head vector; 0 without position vectors
 * @param positionScale factor of the position term inside the scaling
 */
public record CachedAttention(
        int batch,
        int capacity,
        int longest,
        int heads,
        int width,
        float scale,
        float[] slopes,
        int positionWidth,
        float positionScale) {
    public CachedAttention {
        if (batch < 0 || longest < 0 || longest >= capacity || heads < 1 || width < 1) {
            throw new IllegalArgumentException("Cannot attend to a cache: batch " + batch + ", capacity " + capacity
                    + ", longest " + longest + ", heads " + heads + ", head width " + width);
        }
        if (slopes != null && slopes.length != heads) {
            throw new IllegalArgumentException(
                    "Cannot attend to a cache: expected " + heads + " slopes, found " + Arrays.toString(slopes));
        }
    }

    /** Whether the logits have a position term. */
    public boolean hasPositions() {
        return positionWidth > 0;
    }

    @Override
    public String toString() {
        return "CachedAttention[B " + batch + ", capacity " + capacity + ", longest " + longest + ", H " + heads
                + ", D " + width + ", scale " + scale
                + (slopes == null ? "" : ", slopes " + Arrays.toString(slopes))
                + (hasPositions() ? ", positions of width " + positionWidth + " times " + positionScale : "") + "]";
    }
}
