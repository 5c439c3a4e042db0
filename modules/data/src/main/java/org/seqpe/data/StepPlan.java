package org.seqpe.data;

/**
 * Which samples each replica trains on at each step. A global step takes the next G = replicas x accumulation x batch
 * places of the {@link SampleOrder}; of these, replica k takes group k of accumulation x batch consecutive places. So
 * the data of a run depends on its seed and number of replicas alone, and its position in the data is one number: the
 * samples taken by all replicas so far. Safe for use by several threads.
 *
 * @param order of the split's samples
 * @param replicas model copies
 * @param accumulation micro-batches per step of each replica
 * @param batch B, samples per micro-batch
 */
public record StepPlan(SampleOrder order, int replicas, int accumulation, int batch) {

    /** G: the number of samples by which a global step advances the position. */
    public long samplesPerStep() {
        return (long) replicas * accumulation * batch;
    }

    /**
     * The place of a row of a step.
     *
     * @param position samples taken before this step
     * @param replica from 0
     * @param microBatch from 0, below the accumulation
     * @param row from 0, below the batch
     */
    public long place(long position, int replica, int microBatch, int row) {
        return position + ((long) replica * accumulation + microBatch) * batch + row;
    }

    /** The sample at a place of a step; the arguments are those of {@link #place}. */
    public long sample(long position, int replica, int microBatch, int row) {
        return order.at(place(position, replica, microBatch, row));
    }
}
