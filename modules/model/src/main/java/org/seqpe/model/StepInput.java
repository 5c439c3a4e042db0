package org.seqpe.model;

/**
 * Everything one forward and backward pass reads. Arrays may be longer than what is used of them.
 *
 * @param tokens      [B * T] token ids
 * @param targets     [B * T] the token that follows each; negative ones are not predicted
 * @param batch       B
 * @param length      T
 * @param windows     [Bp * T * n] the positions of the tokens; sample b uses window b % Bp
 * @param windowCount Bp
 * @param contrastive the contrastive loss's positions, or null for none
 * @param transfer    the transfer loss's positions, or null for none
 * @param seed        decides the dropout masks
 */
public record StepInput(int[] tokens, int[] targets, int batch, int length, int[] windows, int windowCount, Contrastive contrastive,
                        Transfer transfer, long seed) {
    /**
     * @param pivots     [M * n]
     * @param count      M
     * @param candidates [M * N * n], those of a pivot together
     * @param each       N
     * @param nearest    [M] which candidate is nearest
     */
    public record Contrastive(int[] pivots, int count, int[] candidates, int each, int[] nearest) {
    }

    /**
     * @param far     [b * K * n] positions in far windows
     * @param windows b
     * @param each    K
     * @param offsets [b * K] the places in the own window that correspond to them
     */
    public record Transfer(int[] far, int windows, int each, int[] offsets) {
    }
}
