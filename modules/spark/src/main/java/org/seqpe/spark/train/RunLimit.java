package org.seqpe.spark.train;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Says at the end of a round whether training ends there, before its last step. */
final class RunLimit {
    private final long nanos;
    private final BooleanSupplier stop;
    private final long start = System.nanoTime();
    private long last = start;
    private long longest;
    private TrainSummary.End end = TrainSummary.End.LAST_STEP;

    /**
     * @param maxRuntime from now on; 0 for no limit
     * @param stop whether somebody asked for an end
     */
    RunLimit(Duration maxRuntime, BooleanSupplier stop) {
        this.nanos = maxRuntime.isZero() ? Long.MAX_VALUE : maxRuntime.toNanos();
        this.stop = stop;
    }

    /** Whether somebody asked for an end. */
    boolean isAskedToStop() {
        if (stop.getAsBoolean()) {
            end = TrainSummary.End.ASKED;
        }
        return end == TrainSummary.End.ASKED;
    }

    /**
     * Whether training ends here, because somebody asked for it or because another round as long as the longest would
     * end too late. Called once after each round.
     */
    boolean isReached() {
        long now = System.nanoTime();
        longest = Math.max(longest, now - last);
        last = now;
        if (isAskedToStop()) {
            return true;
        }
        if (now - start > nanos - longest) {
            end = TrainSummary.End.MAX_RUNTIME;
            return true;
        }
        return false;
    }

    /** Why training ended where it did. */
    TrainSummary.End end() {
        return end;
    }
}
