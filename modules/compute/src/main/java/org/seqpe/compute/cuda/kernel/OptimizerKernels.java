package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;

import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaDoubles;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.Launch;

/** Sums of all elements, clipping, and Adam (optimizer.cuh). */
public final class OptimizerKernels {
    /** Blocks of a sum: a constant, so that sums do not depend on the GPU. */
    private static final int BLOCKS = 1024;

    private static final int SUM_BYTES = 64;
    private static final int ELEMENTS_OF_BLOCK = 1024;
    private static final int STRUCT = 4;

    private final CudaRuntime runtime;
    private final ElementwiseKernels elementwise;
    /** Those of the model that was trained last. */
    private DecayRegions regions;

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
        Launch launch = runtime.kernel("adam_")
                .address(runtime.address(gradient))
                .address(runtime.address(firstMoment))
                .address(runtime.address(secondMoment))
                .count(gradient.size());
        putRates(launch, learningRate, beta1, beta2, epsilon, step)
                .run(Grids.ceil(gradient.size(), ELEMENTS_OF_BLOCK), Grids.THREADS, 0);
    }

    /** Puts a struct AdamRates. */
    private static Launch putRates(
            Launch launch, double learningRate, double beta1, double beta2, double epsilon, long step) {
        return launch.align(STRUCT)
                .real((float) learningRate)
                .real((float) beta1)
                .real((float) beta2)
                .real((float) (1 - beta1))
                .real((float) (1 - beta2))
                .real((float) epsilon)
                .real((float) (learningRate / (1 - Math.pow(beta1, step))))
                .real((float) (1 / Math.sqrt(1 - Math.pow(beta2, step))));
    }

    public void adamW(
            AdamWStep step,
            Tensor parameters,
            Tensor operands,
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment) {
        requireFloat32("adamW", parameters, gradient, firstMoment, secondMoment);
        if (parameters.size() == 0) {
            return;
        }
        if (regions == null || !regions.isOf(step.decays(), parameters.size())) {
            regions = new DecayRegions(runtime, step.decays(), parameters.size());
        }
        Launch launch = runtime.kernel("adamW_")
                .address(runtime.address(parameters))
                .address(operands == parameters ? 0 : runtime.address(operands))
                .address(runtime.address(gradient))
                .address(runtime.address(firstMoment))
                .address(runtime.address(secondMoment))
                .count(parameters.size());
        putRates(launch, step.learningRate(), step.beta1(), step.beta2(), step.epsilon(), step.step());
        regions.put(launch).run(Grids.ceil(parameters.size(), ELEMENTS_OF_BLOCK), Grids.THREADS, 0);
    }
}
