package org.seqpe.compute.cpu.runtime;

/**
 * A matrix product on addresses, computed by the calling thread: c = alpha op(a) op(b) + beta c for row-major matrices,
 * where c is of float32. An implementation says what the operands are made of. An object serves one thread at a time.
 */
public interface Gemm {
    /**
     * @param transposeA whether a is stored as [k, m] instead of [m, k]
     * @param transposeB whether b is stored as [n, k] instead of [k, n]
     * @param leadingA elements from one stored row of a to the next; likewise for b and c
     * @param beta what c holds is not read where this is 0
     */
    void gemm(
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
            int leadingC);

    /** Frees what the object holds; it may not be used afterwards. */
    default void close() {}
}
