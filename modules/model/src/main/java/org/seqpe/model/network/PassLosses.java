package org.seqpe.model.network;

import org.seqpe.compute.Doubles;
import org.seqpe.model.Losses;
import org.seqpe.model.seqpe.PositionObjective;

/**
 * The losses of a pass that the device may still be computing. It says how to read the pass's sums, which are fetched
 * once for all passes of a step.
 *
 * @param weight labelled rows
 * @param taskFactor factor of the sum of their losses in the total
 * @param terms of the position losses
 */
public record PassLosses(long weight, double taskFactor, PositionObjective.Terms terms) {
    /** Number of sums that a pass leaves in {@link Doubles}. */
    public static final int SLOTS = 1 + PositionObjective.SLOTS;

    /**
     * Computes the losses.
     *
     * @param sums what the pass left
     * @param first the pass's first place in them
     */
    public Losses read(double[] sums, int first) {
        double total = sums[first] * taskFactor;
        double contrastive = Double.NaN;
        double transfer = Double.NaN;
        if (terms.contrastive() > 0) {
            contrastive = sums[first + 1] / terms.contrastive();
            total += terms.contrastiveFactor() * contrastive;
        }
        if (terms.transfer() > 0) {
            transfer = sums[first + 2] / terms.transfer();
            total += terms.transferFactor() * transfer;
        }
        return new Losses(weight == 0 ? 0 : sums[first] / weight, weight, contrastive, transfer, total);
    }
}
