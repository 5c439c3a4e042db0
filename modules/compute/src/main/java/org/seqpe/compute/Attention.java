package org.seqpe.compute;

import java.util.Arrays;

/**
 * What one attention call computes. For sample b, head h, query i and key j:
 *
 * <pre>
 * logit(i, j) = scale * (q_i . k_j + positionScale * pq_i . pk_j) + slope_h * (j - i)
 * out_i       = sum over j of drop(softmax_j(logit(i, j))) * v_j
 * </pre>
 *
 * over all j, or over j &lt;= i where {@code causal}. (The bias slope_h * (j - i) gives the same softmax as slope_h *
 * j, and its numbers stay small at the keys that matter in a long row.) Sample b reads position rows of batch {@code b
 * % positionBatch}. The row log-sum-exp [B, H, T] is kept for the backward pass, which recomputes the probabilities:
 * memory is linear in T.
 *
 * @param batch B
 * @param length T, the same for queries and keys
 * @param heads H
 * @param width D, elements of a query, key and value head vector
 * @param scale factor of the logits, usually 1/sqrt(D)
 * @param causal whether a query sees only keys at or before it
 * @param slopes effective ALiBi slope of each head [H], or null for no bias
 * @param positionBatch Bp, how many position windows there are; 1 when all samples share one; 0 without position
 *     vectors
 * @param positionWidth elements of a position head vector; 0 without position vectors
 * @param positionScale factor of the position term inside the scaling (the reference's seqpe_scalar_scale)
 * @param dropout probability that an attention weight is dropped; 0 in evaluation
 * @param dropoutKey key of the {@link Dropout} mask; its row is (b*H + h)*T + i and its column j
 */
public record Attention(
        int batch,
        int length,
        int heads,
        int width,
        float scale,
        boolean causal,
        float[] slopes,
        int positionBatch,
        int positionWidth,
        float positionScale,
        float dropout,
        long dropoutKey) {
    public Attention {
        if (batch < 0 || length < 0 || heads < 1 || width < 1) {
            throw new IllegalArgumentException("Cannot attend: batch " + batch + ", length " + length + ", heads "
                    + heads + ", head width " + width);
        }
        if (slopes != null && slopes.length != heads) {
            throw new IllegalArgumentException(
                    "Cannot attend: expected " + heads + " slopes, found " + Arrays.toString(slopes));
        }
        if (positionBatch > 0 && batch % positionBatch != 0) {
            throw new IllegalArgumentException("Cannot attend: expected a batch that " + positionBatch
                    + " position windows divide, found " + batch);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(
                    "Cannot drop attention weights: expected a rate in [0, 1), found " + dropout);
        }
    }

    /** Attention without position vectors, bias or dropout. */
    public static Attention plain(int batch, int length, int heads, int width, boolean causal) {
        return new Attention(batch, length, heads, width, (float) (1 / Math.sqrt(width)), causal, null, 0, 0, 0, 0, 0);
    }

    public Attention withScale(float newScale) {
        return new Attention(
                batch,
                length,
                heads,
                width,
                newScale,
                causal,
                slopes,
                positionBatch,
                positionWidth,
                positionScale,
                dropout,
                dropoutKey);
    }

    public Attention withSlopes(float[] newSlopes) {
        return new Attention(
                batch,
                length,
                heads,
                width,
                scale,
                causal,
                newSlopes,
                positionBatch,
                positionWidth,
                positionScale,
                dropout,
                dropoutKey);
    }

    public Attention withPositions(int newBatch, int newWidth, float newScale) {
        return new Attention(
                batch, length, heads, width, scale, causal, slopes, newBatch, newWidth, newScale, dropout, dropoutKey);
    }

    public Attention withDropout(float rate, long key) {
        return new Attention(
                batch,
                length,
                heads,
                width,
                scale,
                causal,
                slopes,
                positionBatch,
                positionWidth,
                positionScale,
                rate,
                key);
    }

    @Override
    public String toString() {
        return "Attention[B " + batch + ", T " + length + ", H " + heads + ", D " + width + ", scale " + scale
                + (causal ? ", causal" : "")
                + (slopes == null ? "" : ", slopes " + Arrays.toString(slopes))
                + (hasPositions()
                        ? ", " + positionBatch + " position windows of width " + positionWidth + " times "
                                + positionScale
                        : "")
                + (dropout == 0 ? "" : ", dropout " + dropout + " with key " + dropoutKey) + "]";
    }

    /** Whether the logits have a position term. */
    public boolean hasPositions() {
        return positionBatch > 0;
    }
}
