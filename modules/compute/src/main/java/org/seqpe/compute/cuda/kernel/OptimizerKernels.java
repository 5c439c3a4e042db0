package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;

import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaDoubles;
import org.seqpe.compute.cuda.runtime.CudaRuntime;

/** Sums of all elements, clipping, and Adam (optimizer.cuh). */
public final class OptimizerKernels {
    /** Blocks of a sum: a constant, so that sums do not depend on the GPU. */
    private static final int BLOCKS = 1024;

    private static final int SUM_BYTES = 64;
    private static final int ELEMENTS_OF_BLOCK = 1024;
    private static final int STRUCT = 4;

    private final CudaRuntime runtime;
    private final ElementwiseKernels elementwise;

    public OptimizerKernels(CudaRuntime runtime, ElementwiseKernels elementwise) {
        this.runtime = runtime;
        this.elementwise = elementwise;
    }

    public void sum(Tensor x, Doubles out, int slot) {
        sum("sum_", x, out, slot);
    }

    public void sumOfSquares(Tensor x, Doubles out, int slot) {
        sum("sumOfSquares_", x, out, slot);
    }

    private void sum(String kernel, Tensor x, Doubles out, int slot) {
        requireFloat32(kernel, x);
        long parts = runtime.scratch((long) BLOCKS * Double.BYTES);
        runtime.kernel(kernel)
                .address(runtime.address(x))
                .count(x.size())
                .address(parts)
                .run(BLOCKS, Grids.THREADS, SUM_BYTES);
        clipCoefficient(parts, BLOCKS, 0, CudaDoubles.address(out, slot), 0);
    }

    /** Leaves the sum of the parts, and the factor that brings its root down to the limit unless its address is 0. */
    private void clipCoefficient(long parts, int count, float limit, long sum, long coefficient) {
        runtime.kernel("clipCoefficient_")
                .address(parts)
                .number(count)
                .real(1)
                .real(limit)
                .address(sum)
                .address(coefficient)
                .run(1, Grids.THREADS, SUM_BYTES);
    }

    public void clip(Tensor x, Doubles squares, int slot, double bound) {
        long sum = runtime.scratch(Double.BYTES + Float.BYTES);
        long coefficient = sum + Double.BYTES;
        clipCoefficient(CudaDoubles.address(squares, slot), 1, (float) bound, sum, coefficient);
        elementwise.scale(x, 1, coefficient);
    }

    public void adam(
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            long step) {
        requireFloat32("adam", gradient, firstMoment, secondMoment);
        runtime.kernel("adam_")
                .address(runtime.address(gradient))
                .address(runtime.address(firstMoment))
                .address(runtime.address(secondMoment))
                .count(gradient.size())
                .align(STRUCT)
                .real((float) learningRate)
                .real((float) beta1)
                .real((float) beta2)
                .real((float) (1 - beta1))
                .real((float) (1 - beta2))
                .real((float) epsilon)
                .real((float) (learningRate / (1 - Math.pow(beta1, step))))
                .real((float) (1 / Math.sqrt(1 - Math.pow(beta2, step))))
                .run(Grids.ceil(gradient.size(), ELEMENTS_OF_BLOCK), Grids.THREADS, 0);
    }
}
