package org.seqpe.spark.train;

import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.DivergedException;
import org.seqpe.core.UserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a round that failed is tried again. Only consecutive failures without progress count, so a run may
 * lose any number of executors while it makes progress.
 */
final class RoundFailures {
    private static final Logger LOG = LoggerFactory.getLogger(RoundFailures.class);
    private final int most;
    private final JavaSparkContext spark;
    private int furthest;
    private int count;

    /**
     * @param most failures in a row that are tried again
     * @param step where training begins
     */
    RoundFailures(int most, JavaSparkContext spark, int step) {
        this.most = most;
        this.spark = spark;
        this.furthest = step;
    }

    /** Records that training has reached a step. */
    void reached(int step) {
        if (step > furthest) {
            furthest = step;
            count = 0;
        }
    }

    /**
     * Whether to go on after a failure; logs the reason if so. A failure is final if the user must fix it or if a
     * repetition would fail in the same way.
     */
    boolean mayGoOn(int round, Exception failure, String how) {
        if (count >= most || spark.sc().isStopped() || isFinal(failure)) {
            return false;
        }
        count++;
        LOG.warn(
                "Round {} failed (failure {} of at most {} in a row); {}: {}",
                round,
                count,
                most,
                how,
                rootMessage(failure));
        LOG.debug("Where round {} failed", round, failure);
        return true;
    }

    /** Spark wraps what a task throws. */
    private static boolean isFinal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UserException || cause instanceof DivergedException) {
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    }
}
