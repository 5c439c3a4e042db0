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

    private final int mostShapes;
    private final long stream;
    /**
     * Products without an inner extent, and those of one column: oneDNN 3.8.1 takes their rows for neighbours in the
     * target, whatever distance it is told.
     */
    private final Gemm plain = new EmulatedGemm();

    private final Map<Shape, Product> products = new LinkedHashMap<>(16, 0.75f, true);
    private final Shape wanted = new Shape();

    OneDnnGemm() {
        this(MOST_SHAPES);
    }

    /** @param mostShapes how many primitives are kept */
    OneDnnGemm(int mostShapes) {
        this.mostShapes = mostShapes;
        OneDnn.load();
        stream = OneDnn.newStream();
    }

    /** What a primitive is made for. It can be set anew, so that looking for one makes no object. */
    private static final class Shape {
        private boolean transposeA;
        private boolean transposeB;
        private int m;
        private int n;
        private int k;
        private float alpha;
        private int leadingA;
        private int leadingB;
        private float beta;
        private int leadingC;

        private Shape copy() {
            Shape copy = new Shape();
            copy.transposeA = transposeA;
            copy.transposeB = transposeB;
            copy.m = m;
            copy.n = n;
            copy.k = k;
            copy.alpha = alpha;
            copy.leadingA = leadingA;
            copy.leadingB = leadingB;
            copy.beta = beta;
            copy.leadingC = leadingC;
            return copy;
        }

        @Override
        public boolean equals(Object object) {
            return object instanceof Shape other
                    && transposeA == other.transposeA
                    && transposeB == other.transposeB
                    && m == other.m
                    && n == other.n
                    && k == other.k
                    && alpha == other.alpha
                    && leadingA == other.leadingA
                    && leadingB == other.leadingB
                    && beta == other.beta
                    && leadingC == other.leadingC;
        }

        @Override
        public int hashCode() {
            int hash = (transposeA ? 2 : 0) + (transposeB ? 1 : 0);
            hash = 31 * hash + m;
            hash = 31 * hash + n;
            hash = 31 * hash + k;
            hash = 31 * hash + leadingA;
            hash = 31 * hash + leadingB;
            hash = 31 * hash + leadingC;
            hash = 31 * hash + Float.floatToIntBits(alpha);
            return 31 * hash + Float.floatToIntBits(beta);
        }
    }

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
        wanted.transposeA = transposeA;
        wanted.transposeB = transposeB;
        wanted.m = m;
        wanted.n = n;
        wanted.k = k;
        wanted.alpha = alpha;
        wanted.leadingA = leadingA;
        wanted.leadingB = leadingB;
        wanted.beta = beta;
        wanted.leadingC = leadingC;
        wantedProduct().compute(stream, addressA, addressB, addressC);
    }

    private Product wantedProduct() {
        Product product = products.get(wanted);
        if (product == null) {
            product = OneDnn.forOneThread(() -> new Product(wanted));
            products.put(wanted.copy(), product);
            if (products.size() > mostShapes) {
                var eldest = products.values().iterator();
                eldest.next().destroy();
                eldest.remove();
            }
        }
        return product;
    }

    @Override
    public void close() {
        products.values().forEach(Product::destroy);
        products.clear();
        plain.close();
        OneDnn.dnnl_stream_destroy(stream);
    }
}
