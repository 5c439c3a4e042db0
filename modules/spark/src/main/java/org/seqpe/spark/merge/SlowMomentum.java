package org.seqpe.spark.merge;

/**
 * SlowMo (arXiv 1910.00643, algorithm 1): {@code u' = momentum u + delta / inner}, {@code next = start - rate inner
 * u'}, where inner is the replicas' learning rate in the round (here that of its last step). What is kept is {@code v =
 * inner u}, so that with rate 1 and momentum 0 nothing is divided and multiplied again and the result is bitwise plain
 * averaging.
 */
final class SlowMomentum extends OuterMomentum {
    private final double momentum;
    private double rate;
    private double decay;

    SlowMomentum(double momentum, long parameters) {
        super(parameters);
        this.momentum = momentum;
    }

    /** A round at learning rate 0 has no delta that counts; nothing is carried over one. */
    @Override
    public void begin(Rates rates) {
        rate = rates.outer();
        decay = rates.previousInner() > 0 ? momentum * (rates.inner() / rates.previousInner()) : 0;
    }

    @Override
    void step(int count, float[] start, float[] mean, float[] next, float[] v) {
        for (int i = 0; i < count; i++) {
            double delta = (double) start[i] - mean[i];
            double kept = decay * v[i];
            v[i] = (float) (kept + delta);
            next[i] = OuterOptimizer.stepped(mean[i], delta, rate, kept);
        }
    }
}
