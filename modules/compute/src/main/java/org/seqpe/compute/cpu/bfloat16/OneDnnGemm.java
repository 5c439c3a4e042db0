package org.seqpe.compute.cpu.bfloat16;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.seqpe.compute.cpu.runtime.Gemm;

/**
 * Products of bfloat16 by oneDNN, on the processor's matrix unit. A primitive is made once per shape and kept; the
 * shapes used longest ago are given up.
 */
final class OneDnnGemm implements Gemm {
    /** More than the shapes of a model's step; evaluation over many lengths has more. */
    private static final int MOST_SHAPES = 1024;

    private final long stream;
    /**
     * Products without an inner extent, and those of one column: oneDNN 3.8.1 takes their rows for neighbours in the
     * target, whatever distance it is told.
     */
    private final Gemm plain = new EmulatedGemm();

    private final Map<Shape, Product> products = new LinkedHashMap<>(MOST_SHAPES, 0.75f, true);
    private Thread prepared;
    private Shape lastShape;
    private Product last;

    OneDnnGemm() {
        OneDnn.load();
        stream = OneDnn.newStream();
    }

    /** What a primitive is made for. */
    private record Shape(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float alpha,
            int leadingA,
            int leadingB,
            float beta,
            int leadingC) {}

    /** A primitive with the three matrices that it is told about. */
    private static final class Product {
        private static final int ARGUMENT_BYTES = 16;

        private final long primitive;
        private final long a;
        private final long b;
        private final long c;
        private final Memory arguments = new Memory(3L * ARGUMENT_BYTES);
        private final long argumentsAddress = Pointer.nativeValue(arguments);

        Product(Shape shape) {
            long matrixA = matrix(OneDnn.BFLOAT16, shape.m, shape.k, shape.leadingA, shape.transposeA);
            long matrixB = matrix(OneDnn.BFLOAT16, shape.k, shape.n, shape.leadingB, shape.transposeB);
            long matrixC = matrix(OneDnn.FLOAT32, shape.m, shape.n, shape.leadingC, false);
            long attributes = OneDnn.newAttributes(shape.alpha, shape.beta);
            long[] made = new long[1];
            OneDnn.check(
                    OneDnn.dnnl_matmul_primitive_desc_create(
                            made, OneDnn.engine(), matrixA, matrixB, 0, matrixC, attributes),
                    "plan a product");
            long description = made[0];
            OneDnn.check(OneDnn.dnnl_primitive_create(made, description), "make a product");
            primitive = made[0];
            a = argument(0, OneDnn.SOURCE, matrixA);
            b = argument(1, OneDnn.WEIGHTS, matrixB);
            c = argument(2, OneDnn.TARGET, matrixC);
            OneDnn.dnnl_primitive_desc_destroy(description);
            OneDnn.dnnl_primitive_attr_destroy(attributes);
            OneDnn.dnnl_memory_desc_destroy(matrixA);
            OneDnn.dnnl_memory_desc_destroy(matrixB);
            OneDnn.dnnl_memory_desc_destroy(matrixC);
        }

        private static long matrix(int type, int rows, int columns, int leading, boolean transposed) {
            return OneDnn.newMatrix(type, rows, columns, transposed ? 1 : leading, transposed ? leading : 1);
        }

        private long argument(int place, int name, long matrix) {
            long[] memory = new long[1];
            OneDnn.check(OneDnn.dnnl_memory_create(memory, matrix, OneDnn.engine(), 0), "name a matrix");
            arguments.setInt((long) place * ARGUMENT_BYTES, name);
            arguments.setLong((long) place * ARGUMENT_BYTES + Native.LONG_SIZE, memory[0]);
            return memory[0];
        }

        void compute(long stream, long addressA, long addressB, long addressC) {
            OneDnn.dnnl_memory_set_data_handle(a, addressA);
            OneDnn.dnnl_memory_set_data_handle(b, addressB);
            OneDnn.dnnl_memory_set_data_handle(c, addressC);
            OneDnn.check(OneDnn.dnnl_primitive_execute(primitive, stream, 3, argumentsAddress), "compute a product");
        }

        void destroy() {
            OneDnn.dnnl_primitive_destroy(primitive);
            OneDnn.dnnl_memory_destroy(a);
            OneDnn.dnnl_memory_destroy(b);
            OneDnn.dnnl_memory_destroy(c);
            arguments.close();
        }
    }

    @Override
    public void gemm(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float alpha,
            long addressA,
            int leadingA,
            long addressB,
            int leadingB,
            float beta,
            long addressC,
            int leadingC) {
        if (k == 0 || n == 1) {
            plain.gemm(
                    transposeA,
                    transposeB,
                    m,
                    n,
                    k,
                    alpha,
                    addressA,
                    leadingA,
                    addressB,
                    leadingB,
                    beta,
                    addressC,
                    leadingC);
            return;
        }
        Shape shape = new Shape(transposeA, transposeB, m, n, k, alpha, leadingA, leadingB, beta, leadingC);
        if (!shape.equals(lastShape)) {
            last = product(shape);
            lastShape = shape;
        }
        last.compute(stream, addressA, addressB, addressC);
    }

    private Product product(Shape shape) {
        if (prepared != Thread.currentThread()) {
            OneDnn.useCallingThreadOnly();
            prepared = Thread.currentThread();
        }
        Product product = products.computeIfAbsent(shape, Product::new);
        if (products.size() > MOST_SHAPES) {
            var eldest = products.values().iterator();
            eldest.next().destroy();
            eldest.remove();
        }
        return product;
    }

    @Override
    public void close() {
        products.values().forEach(Product::destroy);
        products.clear();
        last = null;
        lastShape = null;
        plain.close();
        OneDnn.dnnl_stream_destroy(stream);
    }
}
