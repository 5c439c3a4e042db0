package org.seqpe.spark.train;

import java.util.function.BooleanSupplier;

/**
 * How a training is started, apart from its configuration.
 *
 * @param forceUnlock take the run folder from a job that holds it
 * @param newReplicas continue a run with another number of replicas than before
 * @param stop asked at the end of each round: whether to save a checkpoint and end there
 */
public record TrainOptions(boolean forceUnlock, boolean newReplicas, BooleanSupplier stop) {
    /** Leave a locked folder alone, keep the number of replicas, train to the end. */
    public static final TrainOptions DEFAULT = new TrainOptions(false, false, () -> false);
}
