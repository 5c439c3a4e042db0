package org.seqpe.spark.merge;

/** A share of the way from the round's start to the mean: {@code next = start - rate (start - mean)}. */
final class OuterSgd implements OuterOptimizer {
    private double rate;

    @Override
    public void begin(Rates rates) {
        rate = rates.outer();
    }

    @Override
    public void step(long offset, int count, float[] start, float[] mean, float[] next) {
        for (int i = 0; i < count; i++) {
            next[i] = OuterOptimizer.stepped(mean[i], (double) start[i] - mean[i], rate, 0);
        }
    }
}
