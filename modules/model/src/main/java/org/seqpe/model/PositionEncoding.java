package org.seqpe.model;

import org.seqpe.compute.Attention;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;

/**
 * How positions reach the Transformer (method.md sections 3 and 6). A pass begins with {@link #begin}; the attention layers then ask for
 * their queries and keys. What an encoding does not do is left at these defaults: nothing is added, nothing is changed.
 */
abstract class PositionEncoding {
    /**
     * The positions of a pass.
     *
     * @param positions [batch * length] (times the dimensions): the position of every token of every window
     * @param batch     Bp: sample b of the pass uses window b % Bp
     * @param length    T
     * @param contextLength the length the pass is meant for: T, or more where a last window is shorter than the others
     * @param vectors   the position encoder's vectors of these positions [batch * length, width]; null for encodings without
     * @param dVectors  where their gradients are added, or null
     */
    record Pass(int[] positions, int batch, int length, int contextLength, Tensor vectors, Tensor dVectors) {
    }

    /** Prepares tables or projections for a pass. */
    abstract void begin(Pass pass);

    /** Rows that are added to the token embeddings, [Bp*T, C], or null. */
    Tensor inputRows() {
        return null;
    }

    /** Takes the gradient of the embeddings' sum, [B*T, C]. */
    void inputBackward(Tensor dInput) {
    }

    /** Completes what attention computes: bias, position term. */
    Attention attention(Attention plain) {
        return plain;
    }

    /** The queries of a layer, made from (and perhaps written into) qkv [B*T, 3C]. */
    Heads query(int layer, Tensor qkv) {
        return columns(qkv, 0);
    }

    /** The keys of a layer; called after {@link #query}. */
    Heads key(int layer, Tensor qkv) {
        return columns(qkv, 1);
    }

    /** The queries that the forward pass gave to attention, found again for the backward pass. */
    Heads keptQuery(int layer, Tensor qkv) {
        return columns(qkv, 0);
    }

    /** The keys that the forward pass gave to attention. */
    Heads keptKey(int layer, Tensor qkv) {
        return columns(qkv, 1);
    }

    /** The vectors of the position term's query side, or null. */
    Heads positionQuery(int layer) {
        return null;
    }

    /** The vectors of the position term's key side, or null. */
    Heads positionKey(int layer) {
        return null;
    }

    /** Where attention adds the gradient of {@link #positionQuery}. */
    Heads dPositionQuery(int layer) {
        return null;
    }

    /** Where attention adds the gradient of {@link #positionKey}. */
    Heads dPositionKey(int layer) {
        return null;
    }

    /** Turns the gradients of {@link #query} and {@link #key}, which lie in dQkv [B*T, 3C], into those of the projections, in place. */
    void attentionBackward(int layer, Tensor qkv, Tensor dQkv) {
    }

    /** Ends the backward pass: what layers shared goes on to the position vectors. */
    void endBackward() {
    }

    /** Elements of a head vector of the main model. */
    abstract int headWidth();

    /** The head vectors of query (0), key (1) or value (2) inside [N, 3C]. */
    final Heads columns(Tensor qkv, int part) {
        return Heads.columns(qkv, part * Math.toIntExact(qkv.columns() / 3), headWidth());
    }
}
