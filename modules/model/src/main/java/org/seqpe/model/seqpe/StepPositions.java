package org.seqpe.model.seqpe;

/**
 * The positions of one forward and backward pass, and the seed of its dropout masks. Arrays may be longer than their
 * used part. The n coordinates of a position are adjacent.
 *
 * @param windows [Bp * T * n] the positions of the samples; sample b uses window b % Bp
 * @param windowCount Bp
 * @param contrastive the contrastive loss's positions, or null for none
 * @param transfer the transfer loss's positions, or null for none
 * @param seed decides the dropout masks
 */
public record StepPositions(int[] windows, int windowCount, Contrastive contrastive, Transfer transfer, long seed) {
    /**
     * Pivots and their candidates.
     *
     * @param pivots [M * n]
     * @param count M
     * @param candidates [M * N * n], grouped by pivot
     * @param each N
     * @param nearest [M] which candidate is nearest
     */
    public record Contrastive(int[] pivots, int count, int[] candidates, int each, int[] nearest) {
        int candidateCount() {
            return count * each;
        }
    }

    /**
     * Far windows.
     *
     * @param far [b * K * n] positions in far windows
     * @param windows b
     * @param each K
     * @param offsets [b * K] the corresponding places in the model's own window
     */
    public record Transfer(int[] far, int windows, int each, int[] offsets) {
        int farCount() {
            return windows * each;
        }
    }
}
