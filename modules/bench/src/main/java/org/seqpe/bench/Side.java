package org.seqpe.bench;

import java.util.Arrays;

/** One of the two implementations that are compared. */
public interface Side extends Turn, AutoCloseable {
    /** One training step: zeroed gradients, forward, backward, clipping, AdamW. */
    Step train(Batch batch);

    /** {@link #train} with the gradient norms in double precision, however the side itself computes it. */
    Step trainExactly(Batch batch);

    /** The mean loss of the task on a batch, forward only. */
    double evaluate(Batch batch);

    /** Where the time of one more training step goes. */
    Phases phases(Batch batch);

    @Override
    void close();

    /**
     * What a step computed.
     *
     * @param loss what the step descends: the mean of the task's loss and the weighted losses of positions
     * @param gradientNorms of the parts that are clipped together, before clipping
     */
    record Step(double loss, double[] gradientNorms) {
        /** The norm of all gradients together. */
        public double gradientNorm() {
            return Math.sqrt(
                    Arrays.stream(gradientNorms).map(norm -> norm * norm).sum());
        }
    }

    /** Seconds. */
    record Phases(double forward, double backward, double optimizer) {
        double total() {
            return forward + backward + optimizer;
        }
    }
}
