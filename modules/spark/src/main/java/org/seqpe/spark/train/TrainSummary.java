package org.seqpe.spark.train;

/**
 * A finished training.
 *
 * @param steps          optimizer steps that each replica has done, earlier starts included
 * @param tokens         tokens trained on, earlier starts included
 * @param loss           mean training loss of the last round; null where nothing was left to do
 * @param validationLoss of the best checkpoint; null where none was measured
 * @param seconds        of this start
 */
public record TrainSummary(int steps, long tokens, Double loss, Double validationLoss, double seconds) {
}
