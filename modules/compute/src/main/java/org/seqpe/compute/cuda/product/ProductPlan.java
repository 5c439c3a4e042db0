package org.seqpe.compute.cuda.product;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.compute.cuda.runtime.CudaRuntime;

/**
 * How cuBLASLt computes products of one shape: its descriptors and the algorithm that it recommends.
 *
 * <p>cuBLASLt's matrices are column-major, and a row-major matrix is the transpose of a column-major one. So c = op(a)
 * op(b) is asked for as c' = op(b)' op(a)': b comes first, and m and n change places.
 */
final class ProductPlan {
    private static final int COMPUTE_FLOAT32 = 68;
    private static final int REAL_FLOAT32 = 0;
    private static final int REAL_BFLOAT16 = 14;
    private static final int TRANSPOSE_A = 3;
    private static final int TRANSPOSE_B = 4;
    private static final int EPILOGUE = 7;
    private static final int BIAS_POINTER = 8;
    private static final int BIAS_TYPE = 26;
    private static final int TRANSPOSED = 1;
    private static final int EPILOGUE_BIAS = 4;
    private static final int BATCH_COUNT = 5;
    private static final int BATCH_STRIDE = 6;
    private static final int MOST_WORKSPACE = 1;
    /** Of A; those of B, C and D follow. */
    private static final int LEAST_ALIGNMENT = 5;
    /** cublasLtMatmulHeuristicResult_t: the algorithm, the workspace that it needs, and whether it can be used. */
    private static final int RESULT_BYTES = 96;

    private static final int RESULT_STATE = 72;

    private final long descriptor;
    private final long[] layouts;
    private final Memory algorithm;
    private final boolean possible;
    private final Memory value = new Memory(Long.BYTES);

    private ProductPlan(long descriptor, long[] layouts, Memory algorithm, boolean possible) {
        this.descriptor = descriptor;
        this.layouts = layouts;
        this.algorithm = algorithm;
        this.possible = possible;
    }

    /**
     * Asks cuBLASLt for its best algorithm that needs no more workspace than this.
     *
     * @param bias address of a bias as later calls will have, because its alignment counts; 0 for none
     */
    static ProductPlan find(long handle, ProductShape shape, long bias, long workspaceBytes) {
        long descriptor = descriptor(shape, bias);
        long[] layouts = {
            layout(
                    shape.b(),
                    shape.b().transposed() ? shape.k() : shape.n(),
                    shape.b().transposed() ? shape.n() : shape.k(),
                    shape.count()),
            layout(
                    shape.a(),
                    shape.a().transposed() ? shape.m() : shape.k(),
                    shape.a().transposed() ? shape.k() : shape.m(),
                    shape.count()),
            layout(shape.c(), shape.n(), shape.m(), shape.count())
        };
        long[] preference = new long[1];
        CublasStatus.require("cublasLtMatmulPreferenceCreate", CublasLt.cublasLtMatmulPreferenceCreate(preference));
        prefer(preference[0], MOST_WORKSPACE, workspaceBytes, Long.BYTES);
        int[] alignments = {
            shape.b().alignment(),
            shape.a().alignment(),
            shape.c().alignment(),
            shape.c().alignment()
        };
        for (int i = 0; i < alignments.length; i++) {
            prefer(preference[0], LEAST_ALIGNMENT + i, alignments[i], Integer.BYTES);
        }
        Memory result = new Memory(RESULT_BYTES);
        result.clear();
        int[] found = new int[1];
        int status = CublasLt.cublasLtMatmulAlgoGetHeuristic(
                handle,
                descriptor,
                layouts[0],
                layouts[1],
                layouts[2],
                layouts[2],
                preference[0],
                1,
                Pointer.nativeValue(result),
                found);
        CublasLt.cublasLtMatmulPreferenceDestroy(preference[0]);
        // A bias of a type that the product's epilogue does not take may be either; it is then added by another kernel.
        boolean refused =
                status == CublasStatus.NOT_SUPPORTED || (status == CublasStatus.INVALID_VALUE && shape.bias() != null);
        if (!refused) {
            CublasStatus.require("cublasLtMatmulAlgoGetHeuristic", status);
        }
        boolean possible =
                status == CublasStatus.SUCCESS && found[0] > 0 && result.getInt(RESULT_STATE) == CublasStatus.SUCCESS;
        return new ProductPlan(descriptor, layouts, result, possible);
    }

    private static long descriptor(ProductShape shape, long bias) {
        long[] created = new long[1];
        CublasStatus.require(
                "cublasLtMatmulDescCreate", CublasLt.cublasLtMatmulDescCreate(created, COMPUTE_FLOAT32, REAL_FLOAT32));
        long descriptor = created[0];
        if (shape.b().transposed()) {
            describe(descriptor, TRANSPOSE_A, TRANSPOSED, Integer.BYTES);
        }
        if (shape.a().transposed()) {
            describe(descriptor, TRANSPOSE_B, TRANSPOSED, Integer.BYTES);
        }
        if (shape.bias() != null) {
            describe(descriptor, EPILOGUE, EPILOGUE_BIAS, Integer.BYTES);
            describe(descriptor, BIAS_TYPE, type(shape.bias().precision()), Integer.BYTES);
            describe(descriptor, BIAS_POINTER, bias, Long.BYTES);
        }
        return descriptor;
    }

    private static int type(Precision precision) {
        return precision == Precision.FLOAT32 ? REAL_FLOAT32 : REAL_BFLOAT16;
    }

    private static long layout(ProductShape.Operand operand, int rows, int columns, int count) {
        long[] created = new long[1];
        CublasStatus.require(
                "cublasLtMatrixLayoutCreate",
                CublasLt.cublasLtMatrixLayoutCreate(
                        created, type(operand.precision()), rows, columns, Math.max(operand.leading(), rows)));
        if (count > 1) {
            arrange(created[0], BATCH_COUNT, count, Integer.BYTES);
            arrange(created[0], BATCH_STRIDE, operand.stride(), Long.BYTES);
        }
        return created[0];
    }

    private static void describe(long descriptor, int attribute, long value, int bytes) {
        try (Memory memory = memoryOf(value)) {
            CublasStatus.require(
                    "cublasLtMatmulDescSetAttribute",
                    CublasLt.cublasLtMatmulDescSetAttribute(descriptor, attribute, Pointer.nativeValue(memory), bytes));
        }
    }

    private static void arrange(long layout, int attribute, long value, int bytes) {
        try (Memory memory = memoryOf(value)) {
            CublasStatus.require(
                    "cublasLtMatrixLayoutSetAttribute",
                    CublasLt.cublasLtMatrixLayoutSetAttribute(layout, attribute, Pointer.nativeValue(memory), bytes));
        }
    }

    private static void prefer(long preference, int attribute, long value, int bytes) {
        try (Memory memory = memoryOf(value)) {
            CublasStatus.require(
                    "cublasLtMatmulPreferenceSetAttribute",
                    CublasLt.cublasLtMatmulPreferenceSetAttribute(
                            preference, attribute, Pointer.nativeValue(memory), bytes));
        }
    }

    /** A number as little-endian memory, whose first bytes are also the shorter integer. */
    private static Memory memoryOf(long value) {
        Memory memory = new Memory(Long.BYTES);
        memory.setLong(0, value);
        return memory;
    }

    /** Whether cuBLASLt has an algorithm for the shape. */
    boolean isPossible() {
        return possible;
    }

    /** Asks for one product, or one batch; all but alpha and beta are addresses on the device. */
    void run(
            long handle,
            long alpha,
            long a,
            long b,
            long beta,
            long c,
            long bias,
            long workspace,
            long workspaceBytes,
            CudaRuntime runtime) {
        if (bias != 0) {
            value.setLong(0, bias);
            CublasStatus.require(
                    "cublasLtMatmulDescSetAttribute",
                    CublasLt.cublasLtMatmulDescSetAttribute(
                            descriptor, BIAS_POINTER, Pointer.nativeValue(value), Long.BYTES));
        }
        int status = CublasLt.cublasLtMatmul(
                handle,
                descriptor,
                alpha,
                b,
                layouts[0],
                a,
                layouts[1],
                beta,
                c,
                layouts[2],
                c,
                layouts[2],
                Pointer.nativeValue(algorithm),
                workspace,
                workspaceBytes,
                runtime.context().stream());
        CublasStatus.require("cublasLtMatmul", status);
        runtime.launched("cublasLtMatmul");
    }

    void close() {
        for (long layout : layouts) {
            CublasLt.cublasLtMatrixLayoutDestroy(layout);
        }
        CublasLt.cublasLtMatmulDescDestroy(descriptor);
    }
}
