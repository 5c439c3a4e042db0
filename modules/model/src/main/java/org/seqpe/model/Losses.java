package org.seqpe.model;

/**
 * What a pass measured.
 *
 * @param task        mean loss of the predicted tokens, in nats
 * @param tokens      how many there were
 * @param contrastive unweighted; NaN where it was not computed
 * @param transfer    unweighted; NaN where it was not computed
 * @param total       the weighted sum whose gradient was taken
 */
public record Losses(double task, long tokens, double contrastive, double transfer, double total) {
}
