package org.seqpe.compute.cuda.kernel;

import static org.seqpe.compute.cuda.kernel.KernelNames.requireFloat32;
import static org.seqpe.compute.cuda.kernel.KernelNames.requireSame;
import static org.seqpe.compute.cuda.kernel.KernelNames.type;

import org.seqpe.compute.Ints;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.runtime.CudaRuntime;

/** Cross-entropy and divergence with their gradients (losses.cuh). */
public final class LossKernels {
    private static final int ROWS_OF_BLOCK = 8;
    private static final int PARTS_BYTES = 384;
    /** Rows up to this width are read by a warp, and up to the others by blocks of 256 and 512 threads. */
    private static final int WARP_COLUMNS = 1024;

    private static final int NARROW = 8192;
    private static final int MIDDLE = 32_768;

    private final CudaRuntime runtime;

    public LossKernels(CudaRuntime runtime) {
        this.runtime = runtime;
    }

    public void crossEntropy(
            Tensor logits,
            int classes,
            Ints labels,
            float scale,
            float smoothing,
            boolean gradient,
            float factor,
            Tensor loss) {
        requireFloat32("crossEntropy", loss);
        if (logits.size() == 0) {
            return;
        }
        int sharedBytes = sharedBytes(logits);
        boolean inShared = sharedBytes > 0;
        int threads = threads(classes, inShared);
        runtime.kernel("crossEntropy_" + threads + (inShared ? "_shared_" : "_twice_") + type(logits))
                .address(runtime.address(logits))
                .number((int) logits.columns())
                .address(runtime.address(labels))
                .real(scale)
                .real(smoothing)
                .flag(gradient)
                .real(factor)
                .address(runtime.address(loss))
                .number(classes)
                .run(logits.rows(), threads, inShared ? sharedBytes : PARTS_BYTES);
    }

    /**
     * Shared memory for a whole row, where a kernel that keeps one pays and two blocks fit on a processor; otherwise 0.
     */
    private int sharedBytes(Tensor logits) {
        long bytes = PARTS_BYTES + 16 * (Grids.ceil(logits.columns(), Grids.VECTOR) + 1);
        return logits.precision() == Precision.BFLOAT16
                        && logits.columns() > WARP_COLUMNS
                        && bytes <= runtime.gpu().sharedMemory()
                ? (int) bytes
                : 0;
    }

    private static int threads(int classes, boolean inShared) {
        if (classes <= WARP_COLUMNS) {
            return Grids.WARP;
        }
        if (classes <= NARROW) {
            return 256;
        }
        return classes <= MIDDLE || inShared ? 512 : 1024;
    }

    public void divergence(
            Tensor teacher, Tensor student, float scale, boolean kl, float beta, float factor, Tensor loss) {
        requireSame("divergence", teacher, student);
        requireFloat32("divergence", loss);
        runtime.kernel((kl ? "divergence_kl_" : "divergence_squares_") + type(teacher))
                .address(runtime.address(teacher))
                .address(runtime.address(student))
                .real(scale)
                .real(beta)
                .real(factor)
                .address(runtime.address(loss))
                .number((int) teacher.rows())
                .number((int) teacher.columns())
                .run(Grids.ceil(teacher.rows(), ROWS_OF_BLOCK), Grids.THREADS, 0);
    }
}
