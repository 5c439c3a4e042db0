package org.seqpe.compute;

import java.util.List;

/**
 * What one step of AdamW does (Loshchilov and Hutter, arXiv 1711.05101, in PyTorch's form). The coefficients are
 * doubles, because 1 - b2 is not what it should be when b2 was rounded to float32 (off by 1.3e-5 for 0.999).
 *
 * @param step t, counted from 1
 * @param decays the parts of the vector that decay, in order of their offsets, without overlaps
 */
public record AdamWStep(
        double learningRate, double beta1, double beta2, double epsilon, long step, List<Decay> decays) {
    /**
     * A stretch of the parameters that decays.
     *
     * @param offset first element
     * @param length elements
     * @param decay coefficient; times the learning rate, that share of a parameter is subtracted
     */
    public record Decay(long offset, long length, double decay) {}

    /** The same step with these decays. */
    public AdamWStep withDecays(List<Decay> newDecays) {
        return new AdamWStep(learningRate, beta1, beta2, epsilon, step, newDecays);
    }
}
