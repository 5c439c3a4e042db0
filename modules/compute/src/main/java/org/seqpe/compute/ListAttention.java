package org.seqpe.compute;

/**
 * What one call of attention by lists computes: every row names the few rows it sees. It is the position encoder's,
 * where rows are the digits of many positions and positions that begin with the same digits share them. For row e and
 * head h, out_e = sum over its keys j of drop(softmax_j(scale * q_e . k_j)) * v_j.
 *
 * @param rows E, rows of the result
 * @param sources rows of query, key and value: fewer than E where equal ones are kept once, more where only some of
 *     them ask
 * @param heads H
 * @param width D, elements of a head vector
 * @param scale factor of the logits
 * @param slots S, the longest list
 * @param dropout rate on the attention weights, by {@link Dropout} with row e*H + h and the key's place in the list as
 *     the column
 * @param dropoutKey key of the mask
 */
public record ListAttention(
        int rows, int sources, int heads, int width, float scale, int slots, float dropout, long dropoutKey) {}
