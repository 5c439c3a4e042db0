package org.seqpe.core.config;

/**
 * The losses beside the task's, and the random shift (method.md section 4). Only SeqPE has them.
 */
public record ObjectiveConfig(Contrastive contrastive, Transfer transfer, Shift shift) {

    /**
     * @param weight     factor in the total loss; 0 leaves it out
     * @param pivots     pivot positions a step
     * @param candidates N, candidates a pivot
     * @param range      consecutive positions in a distributional window; at least 5 N are taken
     * @param hardRatio  hard negatives tried, as a share of N
     * @param uniformShare share of pivots with uniform candidates only
     * @param hardShare  share of pivots with hard negatives; the rest gets a window
     */
    public record Contrastive(double weight, int pivots, int candidates, int range, double hardRatio, double uniformShare, double hardShare) {
    }

    /**
     * @param weight  factor in the total loss; 0 leaves it out
     * @param windows b, shifted windows a step
     * @param offsets K, positions compared in each
     * @param beta    share of the loss that trains the far window; the rest trains the own one
     * @param metric  how two rows of log-probabilities are compared
     * @param logitScale factor of the dot products
     * @param multiHead compare head by head
     */
    public record Transfer(double weight, int windows, int offsets, double beta, Metric metric, double logitScale, boolean multiHead) {
        /** KL: both directions of the Kullback-Leibler divergence; MSE: of the log-probabilities. */
        public enum Metric { KL, MSE }
    }

    /**
     * @param rate   probability that a step uses shifted windows
     * @param groups windows a shifted step, spread over the batch
     * @param pool   starts that are drawn once for the run
     */
    public record Shift(double rate, int groups, int pool) {
    }
}
