package org.seqpe.bench;

import org.seqpe.bench.Workload.Batch;

/** One of the two implementations that are compared. */
public interface Side extends AutoCloseable {
    String name();

    /**
     * Called before this side's turn in a process that several sides share: each needs its own setting of OpenBLAS,
     * which belongs to the process.
     */
    void begin();

    /** One training step: zeroed gradients, forward, backward, clipping, AdamW. */
    Step train(Batch batch);

    /** {@link #train} with the gradient norm in double precision, however the side itself computes it. */
    Step trainExactly(Batch batch);

    /** The mean loss of a batch, forward only. */
    double evaluate(Batch batch);

    /** Where the time of one more training step goes. */
    Phases phases(Batch batch);

    @Override
    void close();

    /**
     * What a step computed.
     *
     * @param loss mean over the tokens, before the update
     * @param gradientNorm before clipping
     */
    record Step(double loss, double gradientNorm) {}

    /** Seconds. */
    record Phases(double forward, double backward, double optimizer) {
        double total() {
            return forward + backward + optimizer;
        }
    }
}
