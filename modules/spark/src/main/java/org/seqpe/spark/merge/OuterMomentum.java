package org.seqpe.spark.merge;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.spark.vectors.FloatMemory;

/** An outer optimizer that remembers one number for each parameter. */
abstract class OuterMomentum implements OuterOptimizer {
    private final INDArray momentum;
    private final FloatMemory memory;

    OuterMomentum(long parameters) {
        momentum = Nd4j.zeros(DataType.FLOAT, 1, parameters);
        memory = new FloatMemory(momentum);
    }

    @Override
    public final void step(long offset, int count, float[] start, float[] mean, float[] next) {
        float[] v = new float[count];
        memory.read(offset, count, v);
        step(count, start, mean, next, v);
        memory.write(offset, count, v);
    }

    /**
     * As {@link OuterOptimizer#step} of a part of the vector.
     *
     * @param v what is remembered of the part; receives what the next round finds
     */
    abstract void step(int count, float[] start, float[] mean, float[] next, float[] v);

    @Override
    public final Optional<INDArray> momentum() {
        return Optional.of(momentum);
    }
}
