package org.seqpe.compute.cuda.kernel;

import java.util.Set;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cuda.runtime.CudaTensor;

/**
 * Which attention the kernels on tensor cores can compute, which of their forms a GPU has room for, and how much shared
 * memory they need (attentionForwardBytes and BackwardShape).
 */
final class TensorCoreShapes {
    static final int THREADS = 128;
    private static final Set<Integer> WIDTHS = Set.of(32, 64, 80, 96, 128);
    private static final int KEYS = 64;
    private static final int FEW_KEYS = 32;
    private static final int PAD = 8;
    private static final int OWN_ROWS = 64;
    /** Operands of a warp stay in registers up to this width, and in shared memory above. */
    private static final int RESIDENT = 192;
    /** That a tensor's address must be a multiple of. */
    private static final int BYTES = 16;
    /** Elements that a pointer and each stride must be a multiple of. */
    private static final int ALIGNED = 8;

    private final int sharedMemory;

    /** @param sharedMemory most bytes that a block can have */
    TensorCoreShapes(int sharedMemory) {
        this.sharedMemory = sharedMemory;
    }

    boolean has(int width, int positions) {
        return WIDTHS.contains(width)
                && (positions == 0 || positions == width)
                && forwardBytes(width, positions) <= sharedMemory
                && backwardBytes(width, positions) <= sharedMemory;
    }

    /** Whether head vectors lie where these kernels can load them. */
    static boolean fits(Heads one, AttentionHeads many) {
        return isAligned(one)
                && isAligned(many.query())
                && isAligned(many.key())
                && isAligned(many.value())
                && isAligned(many.positionQuery())
                && isAligned(many.positionKey());
    }

    private static boolean isAligned(Heads heads) {
        return heads == null
                // Gradients of position vectors are written by another kernel.
                || heads.tensor().precision() == Precision.FLOAT32
                || (heads.offset() % ALIGNED == 0
                        && heads.rowStride() % ALIGNED == 0
                        && heads.headStride() % ALIGNED == 0
                        && isWhole(heads));
    }

    /** Whether the tensor begins at a multiple of 16 bytes. */
    private static boolean isWhole(Heads heads) {
        return CudaTensor.of(heads.tensor()).alignment(BYTES) == BYTES;
    }

    private static int forwardBytes(int keys, int width, int positions) {
        return 2 * keys * (width + positions + PAD + width + PAD) * 2;
    }

    private boolean hasManyKeys(int width, int positions) {
        return width + positions <= RESIDENT || forwardBytes(KEYS, width, positions) <= sharedMemory;
    }

    String forwardVariant(int width, int positions) {
        return hasManyKeys(width, positions) ? "" : "_k32";
    }

    int forwardBytes(int width, int positions) {
        return forwardBytes(hasManyKeys(width, positions) ? KEYS : FEW_KEYS, width, positions);
    }

    private static int backwardBytes(int tile, int width, int positions) {
        int pitches = width + positions + PAD + width + PAD;
        int stage = tile * pitches + 6 * tile;
        boolean resident = 2 * width + positions > RESIDENT;
        return 2 * stage * 2 + (resident ? OWN_ROWS * pitches * 2 : 0);
    }

    private static int tile(int width, int positions) {
        return 2 * width + positions > RESIDENT ? 32 : 64;
    }

    private boolean isSmall(int width, int positions) {
        return width == 128
                && positions == 128
                && backwardBytes(tile(width, positions), width, positions) > sharedMemory;
    }

    String backwardVariant(int width, int positions) {
        return isSmall(width, positions) ? "_p16" : "_p32";
    }

    int backwardBytes(int width, int positions) {
        return backwardBytes(isSmall(width, positions) ? 16 : tile(width, positions), width, positions);
    }

    /** Lanes that share a row and head when the inner products of outputs and their gradients are made. */
    static int deltaLanes(int width) {
        return width <= 32 ? 4 : width <= 64 ? 8 : 16;
    }
}
