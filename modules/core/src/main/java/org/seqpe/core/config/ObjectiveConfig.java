package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.countable;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.positive;
import static org.seqpe.core.config.Checks.require;
import static org.seqpe.core.config.Checks.share;

import java.io.Serializable;

/** The losses beside the task's, and the random shift (method.md section 4). They apply only to SeqPE. */
public record ObjectiveConfig(Contrastive contrastive, Transfer transfer, Shift shift) implements Serializable {

    /**
     * Aligns distances of position vectors with distances of positions.
     *
     * @param weight factor in the total loss; 0 leaves it out
     * @param pivots pivot positions per step
     * @param candidates N, candidates per pivot
     * @param range consecutive positions in a distributional window; at least {@link #leastWindow} are used
     * @param hardRatio hard negatives tried, as a share of N
     * @param uniformShare share of pivots with uniform candidates only
     * @param hardShare share of pivots with hard negatives; the remaining pivots get a window
     */
    public record Contrastive(
            double weight,
            int pivots,
            int candidates,
            int range,
            double hardRatio,
            double uniformShare,
            double hardShare)
            implements Serializable {
        public Contrastive {
            notNegative("weight", weight);
            atLeast("pivots", pivots, 1);
            atLeast("candidates", candidates, 4);
            atLeast("range", range, 1);
            countable(
                    "coordinates of candidates (2 x pivots x candidates)",
                    new int[] {2, pivots, candidates},
                    "pivots",
                    "candidates");
            share("hard-ratio", hardRatio);
            share("uniform-share", uniformShare);
            share("hard-share", hardShare);
            require(
                    uniformShare + hardShare <= 1,
                    "expected shares that sum to at most 1, found " + (uniformShare + hardShare)
                            + "; pivots of neither kind get a window",
                    "uniform-share",
                    "hard-share");
        }

        /** The fewest consecutive positions of a distributional window: five per candidate. */
        public long leastWindow() {
            return 5L * candidates;
        }
    }

    /**
     * Transfers the relations inside the task's own window to distant windows.
     *
     * @param weight factor in the total loss; 0 leaves it out
     * @param windows b, shifted windows per step
     * @param offsets K, positions compared in each
     * @param beta share of the loss that trains the far window; the rest trains the task's own window
     * @param metric how two rows of log-probabilities are compared
     * @param logitScale factor of the dot products
     * @param multiHead compare head by head
     */
    public record Transfer(
            double weight, int windows, int offsets, double beta, Metric metric, double logitScale, boolean multiHead)
            implements Serializable {
        public Transfer {
            notNegative("weight", weight);
            atLeast("windows", windows, 1);
            atLeast("offsets", offsets, 2);
            countable(
                    "coordinates of far positions (2 x windows x offsets)",
                    new int[] {2, windows, offsets},
                    "windows",
                    "offsets");
            share("beta", beta);
            positive("logit-scale", logitScale);
        }

        /** The first position at which a far window of a text may start: a quarter of the training length. */
        public static int firstStart(int length) {
            return length / 4;
        }

        /** KL: both directions of the Kullback-Leibler divergence; MSE: of the log-probabilities. */
        public enum Metric {
            KL,
            MSE
        }
    }

    /**
     * Training steps whose windows do not start at position 0.
     *
     * @param rate probability that a step uses shifted windows
     * @param groups number of different windows in a shifted step, spread over the batch
     * @param pool number of start positions, drawn once for the run
     */
    public record Shift(double rate, int groups, int pool) implements Serializable {
        public Shift {
            share("rate", rate);
            atLeast("groups", groups, 1);
            require(
                    pool >= groups,
                    "expected a pool of at least the " + groups + " starts that a shifted step takes, found " + pool
                            + "; raise pool or lower groups",
                    "pool",
                    "groups");
        }
    }
}
