package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;

/** The update, on as many parameters as one layer and the embedding have. */
public class OptimizerKernels extends KernelBenchmark {
    private Tensor gradient;
    private Tensor first;
    private Tensor second;
    private Doubles sums;
    private long step = 1;

    @Override
    protected void prepare() {
        long parameters = 12L * at.width * at.width + (long) at.vocabulary * at.width;
        gradient = normal(parameters);
        first = normal(parameters);
        second = on.allocate(parameters);
        on.fill(second, 1);
        sums = on.allocateDoubles(1);
    }

    @Benchmark
    public void adam() {
        on.adam(gradient, first, second, 1e-4, 0.9, 0.999, 1e-8, step++);
    }

    @Benchmark
    public double sumOfSquares() {
        on.sumOfSquares(gradient, sums, 0);
        return sums.toArray()[0];
    }
}
