package org.seqpe.compute.cuda.product;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.HashMap;
import java.util.Map;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.compute.cuda.runtime.CudaRuntime;

/**
 * Matrix products by cuBLASLt. Which algorithm computes a product is asked once for each shape and kept, so that the
 * same product has the same bits as long as GPU model and library are the same.
 */
public final class Products implements AutoCloseable {
    /** What NVIDIA advises for Hopper; algorithms that want more are not used. */
    private static final long WORKSPACE_BYTES = 32 << 20;

    private final CudaRuntime runtime;
    private final long handle;
    private final Map<ProductShape, ProductPlan> plans = new HashMap<>();
    private final Memory factors = new Memory(2 * Float.BYTES);
    private Tensor workspace;

    public Products(CudaRuntime runtime) {
        this.runtime = runtime;
        long[] created = new long[1];
        CublasStatus.require("cublasLtCreate", CublasLt.cublasLtCreate(created));
        handle = created[0];
    }

    /** c = alpha * op(a) op(b) + beta * c. */
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c) {
        int m = Math.toIntExact(c.rows());
        int n = Math.toIntExact(c.columns());
        int k = Math.toIntExact(transposeA ? a.rows() : a.columns());
        run(
                new ProductShape(
                        m,
                        n,
                        k,
                        ProductShape.Operand.matrix(a, transposeA),
                        ProductShape.Operand.matrix(b, transposeB),
                        ProductShape.Operand.matrix(c, false),
                        1,
                        beta != 0,
                        null),
                alpha,
                a,
                b,
                beta,
                c,
                null);
    }

    /** out = x w + bias; false where cuBLASLt cannot add the bias in the same pass, and nothing was done. */
    public boolean matmulWithBias(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        return run(
                new ProductShape(
                        Math.toIntExact(out.rows()),
                        Math.toIntExact(out.columns()),
                        Math.toIntExact(x.columns()),
                        ProductShape.Operand.matrix(x, false),
                        ProductShape.Operand.matrix(w, transposeW),
                        ProductShape.Operand.matrix(out, false),
                        1,
                        false,
                        ProductShape.Operand.matrix(bias, false)),
                1,
                x,
                w,
                0,
                out,
                bias);
    }

    /** Products of small matrices at fixed distances; see {@link org.seqpe.compute.Device#matmulBatched}. */
    public void matmulBatched(
            int count,
            int m,
            int n,
            int k,
            float alpha,
            Tensor a,
            int leadingA,
            long strideA,
            boolean transposeA,
            Tensor b,
            int leadingB,
            long strideB,
            boolean transposeB,
            float beta,
            Tensor c,
            int leadingC,
            long strideC) {
        run(
                new ProductShape(
                        m,
                        n,
                        k,
                        ProductShape.Operand.strided(a, leadingA, strideA, transposeA),
                        ProductShape.Operand.strided(b, leadingB, strideB, transposeB),
                        ProductShape.Operand.strided(c, leadingC, strideC, false),
                        count,
                        beta != 0,
                        null),
                alpha,
                a,
                b,
                beta,
                c,
                null);
    }

    private boolean run(ProductShape shape, float alpha, Tensor a, Tensor b, float beta, Tensor c, Tensor bias) {
        ProductPlan plan = plans.get(shape);
        if (plan == null) {
            plan = ProductPlan.find(handle, shape, runtime.addressOrNull(bias), WORKSPACE_BYTES);
            plans.put(shape, plan);
        }
        if (!plan.isPossible()) {
            if (bias != null) {
                return false;
            }
            throw new IllegalStateException(
                    "Cannot multiply on " + runtime.gpu() + ": cuBLASLt has no algorithm for " + shape);
        }
        if (workspace == null) {
            workspace = runtime.allocate(Precision.FLOAT32, WORKSPACE_BYTES / Float.BYTES);
        }
        factors.setFloat(0, alpha);
        factors.setFloat(Float.BYTES, beta);
        plan.run(
                handle,
                Pointer.nativeValue(factors),
                runtime.address(a),
                runtime.address(b),
                Pointer.nativeValue(factors) + Float.BYTES,
                runtime.address(c),
                runtime.addressOrNull(bias),
                runtime.address(workspace),
                WORKSPACE_BYTES,
                runtime);
        return true;
    }

    @Override
    public void close() {
        plans.values().forEach(ProductPlan::close);
        CublasLt.cublasLtDestroy(handle);
    }
}
