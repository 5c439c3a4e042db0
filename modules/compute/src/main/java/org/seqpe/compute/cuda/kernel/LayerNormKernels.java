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
        requireFloat32("layerNorm", weight, bias, mean, rstd);
        runtime.kernel("addLayerNorm_" + vectors(x.columns()) + types(x, out))
                .address(runtime.address(x))
                .address(0)
                .address(runtime.address(weight))
                .address(runtime.address(bias))
                .real(epsilon)
                .noDropout()
                .address(0)
                .address(runtime.address(out))
                .address(runtime.address(mean))
                .address(runtime.address(rstd))
                .number((int) x.rows())
                .number((int) x.columns())
                .run(Grids.ceil(x.rows(), ROWS_OF_BLOCK), Grids.THREADS, 0);
    }

    private static int vectors(long columns) {
        for (int vectors : VECTORS) {
            if (columns <= (long) COLUMNS_OF_VECTOR * vectors) {
                return vectors;
            }
        }
        return 0;
    }

    /** @throws UserException above 8192 columns */
    public void backward(
            Tensor dOut,
            Tensor x,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dX,
            boolean accumulateX,
            Tensor dWeight,
            Tensor dBias) {
        requireFloat32("layerNormBackward", weight, mean, rstd, dWeight, dBias);
        requireSame("layerNormBackward", x, dX);
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
        long parts = runtime.scratch(blocks * 2 * columns * Float.BYTES);
        runtime.kernel("layerNormBackward_" + (columns <= NARROW ? 256 : 1024) + types(x, dOut))
                .address(runtime.address(dOut))
                .address(runtime.address(x))
                .address(runtime.address(weight))
                .address(runtime.address(mean))
                .address(runtime.address(rstd))
                .address(runtime.address(dX))
                .flag(accumulateX)
                .address(0)
                .noDropout()
                .address(parts)
                .number((int) x.rows())
                .number((int) columns)
                .number(each)
                .run(blocks, Grids.warps(Grids.ceil(columns, Grids.VECTOR)), BACKWARD_BYTES);
        rows.fold(parts, blocks, 2 * columns, runtime.address(dWeight), columns);
        rows.fold(parts + columns * Float.BYTES, blocks, 2 * columns, runtime.address(dBias), columns);
    }
}
