package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.types;

import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.core.UserException;

/** Layer norm and its backward pass (layer_norm.cuh). */
public final class LayerNormKernels {
    /** Kernels that keep a row of up to 256 times this many columns in registers. */
    private static final int[] VECTORS = {1, 2, 3, 4, 5, 7};

    private static final int COLUMNS_OF_VECTOR = 256;
    private static final int ROWS_OF_BLOCK = 8;
    private static final int BACKWARD_ROWS = 32;
    private static final int BACKWARD_BYTES = 512;
    private static final int NARROW = 2048;
    private static final int WIDEST = 8192;

    private final CudaRuntime runtime;
    private final RowKernels rows;

    public LayerNormKernels(CudaRuntime runtime, RowKernels rows) {
        this.runtime = runtime;
        this.rows = rows;
    }

    public void forward(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor rstd) {
        forward(x, null, 0, 0, weight, bias, epsilon, null, out, mean, rstd);
    }

    /**
     * The same of residual + drop(delta).
     *
     * @param delta null for none; sum is then null too
     */
    public void forward(
            Tensor residual,
            Tensor delta,
            float rate,
            long key,
            Tensor weight,
            Tensor bias,
            float epsilon,
            Tensor sum,
            Tensor out,
            Tensor mean,
            Tensor rstd) {
        requireFloat32("layerNorm", weight, bias, mean, rstd);
        if (delta != null) {
            requireSame("addLayerNorm", delta, out);
            requireSame("addLayerNorm", residual, sum);
        }
        runtime.kernel("addLayerNorm_" + vectors(residual.columns()) + types(residual, out))
                .address(runtime.address(residual))
                .address(runtime.addressOrNull(delta))
                .address(runtime.address(weight))
                .address(runtime.address(bias))
                .real(epsilon)
                .dropout(rate, key)
                .address(runtime.addressOrNull(sum))
                .address(runtime.address(out))
                .address(runtime.address(mean))
                .address(runtime.address(rstd))
                .number((int) residual.rows())
                .number((int) residual.columns())
                .run(Grids.ceil(residual.rows(), ROWS_OF_BLOCK), Grids.THREADS, 0);
    }

    private static int vectors(long columns) {
        for (int vectors : VECTORS) {
            if (columns <= (long) COLUMNS_OF_VECTOR * vectors) {
                return vectors;
            }
        }
        return 0;
    }

    /**
     * The gradients of a layer norm, and of what was added before it.
     *
     * @param dDelta null where nothing was added
     * @param rate of the dropout of what was added
     * @throws UserException above 8192 columns
     */
    public void backward(
            Tensor dOut,
            Tensor x,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dX,
            boolean accumulateX,
            float rate,
            long key,
            Tensor dDelta,
            Tensor dWeight,
            Tensor dBias) {
        requireFloat32("layerNormBackward", weight, mean, rstd, dWeight, dBias);
        requireSame("layerNormBackward", x, dX);
        requireSame("layerNormBackward", dOut, dDelta);
        long columns = x.columns();
        if (columns > WIDEST) {
            throw new UserException("Cannot train layer norms of " + columns + " columns on a GPU: expected at most "
                    + WIDEST + ". Choose a narrower model.");
        }
        if (x.size() == 0) {
            return;
        }
        int each = Grids.each(x.rows(), BACKWARD_ROWS);
        long blocks = Grids.ceil(x.rows(), each);
        // Also for the gradient of a bias before the addition, which nobody asks for.
        long row = (dDelta == null ? 2 : 3) * columns;
        long parts = runtime.scratch(blocks * row * Float.BYTES);
        runtime.kernel("layerNormBackward_" + (columns <= NARROW ? 256 : 1024) + types(x, dOut))
                .address(runtime.address(dOut))
                .address(runtime.address(x))
                .address(runtime.address(weight))
                .address(runtime.address(mean))
                .address(runtime.address(rstd))
                .address(runtime.address(dX))
                .flag(accumulateX)
                .address(runtime.addressOrNull(dDelta))
                .dropout(rate, key)
                .address(parts)
                .number((int) x.rows())
                .number((int) columns)
                .number(each)
                .run(blocks, Grids.warps(Grids.ceil(columns, Grids.VECTOR)), BACKWARD_BYTES);
        rows.fold(parts, blocks, row, runtime.address(dWeight), columns);
        rows.fold(parts + columns * Float.BYTES, blocks, row, runtime.address(dBias), columns);
    }
}
