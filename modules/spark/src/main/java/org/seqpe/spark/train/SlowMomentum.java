package org.seqpe.spark.train;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * SlowMo (arXiv 1910.00643, algorithm 1): {@code u' = momentum u + delta / inner}, {@code next = start - rate inner u'}, where inner is the replicas'
 * learning rate in the round (here that of its last step). What is kept is {@code v = inner u}, so that with rate 1 and momentum 0 nothing is
 * divided and multiplied again and the result is bitwise plain averaging.
 */
final class SlowMomentum implements OuterOptimizer {
    private final double momentum;
    private final INDArray displacement;
    private double rate;
    private double decay;

    SlowMomentum(double momentum, long parameters) {
        this.momentum = momentum;
        this.displacement = Nd4j.zeros(DataType.FLOAT, 1, parameters);
    }

    /** A round at learning rate 0 has no delta that counts; nothing is carried over one. */
    @Override
    public void begin(Rates rates) {
        rate = rates.outer();
        decay = rates.previousInner() > 0 ? momentum * (rates.inner() / rates.previousInner()) : 0;
    }

    @Override
    public void step(long offset, int count, float[] start, float[] mean, float[] next) {
        FloatMemory memory = new FloatMemory(displacement);
        float[] v = new float[count];
        memory.read(offset, count, v);
        for (int i = 0; i < count; i++) {
            double delta = (double) start[i] - mean[i];
            double kept = decay * v[i];
            v[i] = (float) (kept + delta);
            next[i] = OuterOptimizer.stepped(mean[i], delta, rate, kept);
        }
        memory.write(offset, count, v);
    }

    @Override
    public Optional<INDArray> momentum() {
        return Optional.of(displacement);
    }
}
