package org.seqpe.model.transformer;

import org.seqpe.compute.Tensor;
import org.seqpe.model.position.PositionEncoding;

/** Attention over the beginnings of samples that leaves their keys and values in a {@link KeyValueCache}. */
public final class PromptAttention implements TransformerBlock.AttentionLayer {
    private final SelfAttention attention;
    private final PositionEncoding positions;
    private final KeyValueCache cache;
    private int first;
    private int[] lengths;
    private int rows;

    /**
     * @param attention the same as without a cache
     * @param positions its encoding
     */
    PromptAttention(SelfAttention attention, PositionEncoding positions, KeyValueCache cache) {
        this.attention = attention;
        this.positions = positions;
        this.cache = cache;
    }

    /**
     * The samples of the next pass.
     *
     * @param newFirst the first of them in the cache
     * @param newLengths how many rows of each are kept
     * @param newRows T, rows of a sample in the pass; those after its own are padding
     */
    public void begin(int newFirst, int[] newLengths, int newRows) {
        first = newFirst;
        lengths = newLengths.clone();
        rows = newRows;
    }

    @Override
    public void forward(int layer, Tensor qkv, Tensor out) {
        attention.forward(layer, qkv, out);
        for (int i = 0; i < lengths.length; i++) {
            // In evaluation, encodings change queries and keys in place.
            cache.fill(layer, first + i, positions.columns(qkv, 1), positions.columns(qkv, 2), i * rows, lengths[i]);
        }
    }

    @Override
    public void backward(int layer, Tensor qkv, Tensor out, Tensor dOut, Tensor dQkv) {
        throw new UnsupportedOperationException("Cannot train through a cache");
    }
}
