package org.seqpe.model;

import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;

/**
 * The layers of a {@link Task} on a device: how a sample becomes the trunk's input, and how the trunk's output becomes
 * a loss. A pass calls {@link #begin}, {@link #input}, {@link #lossAndGradient} and {@link #inputBackward} in this
 * order. Not thread-safe.
 */
public interface TaskLayers {
    /** Takes the samples of the next pass; their arrays may change afterwards. */
    void begin(Samples samples);

    /** Where the samples of the pass stand in the task's grid; null where they fill it. */
    default Placement placement() {
        return null;
    }

    /** Writes the trunk's input, [B * T, C]. */
    void input(Tensor target);

    /**
     * Measures the loss of every labelled row and takes the gradient of {@code factor} times their sum.
     *
     * @param hidden the trunk's output for the rows that the head reads, [B * rows, C]
     * @param dHidden of the same shape, overwritten
     * @param sums receives the sum of the losses, in nats
     * @param slot the place in {@code sums} that it is added to
     */
    void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot);

    /** Adds the gradients of the arrays that {@link #input} reads. */
    void inputBackward(Tensor dInput);

    /** The head's output for every row before the loss, [B * rows, classes]: for inspections and tests. */
    Tensor outputs(Tensor hidden);
}
