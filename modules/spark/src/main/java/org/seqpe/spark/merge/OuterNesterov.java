package org.seqpe.spark.merge;

/**
 * Nesterov momentum on the outer gradient, as in DiLoCo (arXiv 2311.08105, algorithm 1) and in PyTorch's form:
 * {@code v' = momentum v + delta}, {@code next = start - rate (delta + momentum v')}. With rate 1 and momentum 0 it is
 * bitwise plain averaging.
 */
final class OuterNesterov extends OuterMomentum {
    private final double momentum;
    private double rate;

    OuterNesterov(double momentum, long parameters) {
        super(parameters);
        this.momentum = momentum;
    }

    @Override
    public void begin(Rates rates) {
        rate = rates.outer();
    }

    @Override
    void step(int count, float[] start, float[] mean, float[] next, float[] v) {
        for (int i = 0; i < count; i++) {
            double delta = (double) start[i] - mean[i];
            v[i] = (float) (momentum * v[i] + delta);
            next[i] = OuterOptimizer.stepped(mean[i], delta, rate, momentum * v[i]);
        }
    }
}
