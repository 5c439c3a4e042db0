package org.seqpe.model;

/**
 * The losses of one pass.
 *
 * @param task mean loss of the labelled rows, in nats
 * @param weight weight of the labelled rows, see {@link Task#weight}
 * @param contrastive unweighted; NaN where it was not computed
 * @param transfer unweighted; NaN where it was not computed
 * @param total the weighted sum whose gradient was taken
 */
public record Losses(double task, long weight, double contrastive, double transfer, double total) {}
