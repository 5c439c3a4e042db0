package org.seqpe.spark.train;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Nesterov momentum on the outer gradient, as in DiLoCo (arXiv 2311.08105, algorithm 1) and in PyTorch's form: {@code v' = momentum v + delta},
 * {@code next = start - rate (delta + momentum v')}. With rate 1 and momentum 0 it is bitwise plain averaging.
 */
final class OuterNesterov implements OuterOptimizer {
    private final double momentum;
    private final INDArray velocity;
    private double rate;

    OuterNesterov(double momentum, long parameters) {
        this.momentum = momentum;
        this.velocity = Nd4j.zeros(DataType.FLOAT, 1, parameters);
    }

    @Override
    public void begin(Rates rates) {
        rate = rates.outer();
    }

    @Override
    public void step(long offset, int count, float[] start, float[] mean, float[] next) {
        FloatMemory memory = new FloatMemory(velocity);
        float[] v = new float[count];
        memory.read(offset, count, v);
        for (int i = 0; i < count; i++) {
            double delta = (double) start[i] - mean[i];
            v[i] = (float) (momentum * v[i] + delta);
            next[i] = OuterOptimizer.stepped(mean[i], delta, rate, momentum * v[i]);
        }
        memory.write(offset, count, v);
    }

    @Override
    public Optional<INDArray> momentum() {
        return Optional.of(velocity);
    }
}
