package org.seqpe.compute.cpu.bfloat16;

import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.compute.cpu.runtime.Gemm;

/**
 * Products of bfloat16 on any processor: products of two such numbers are exact in float32, in which they are added.
 */
final class EmulatedGemm implements Gemm {
    private final Blas blas = new Blas();
    private final Panel a = new Panel();
    private final Panel b = new Panel();

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
        int columnsA = transposeA ? m : k;
        int columnsB = transposeB ? k : n;
        blas.gemm(
                transposeA,
                transposeB,
                m,
                n,
                k,
                alpha,
                a.widened(addressA, transposeA ? k : m, columnsA, leadingA),
                Math.max(1, columnsA),
                b.widened(addressB, transposeB ? n : k, columnsB, leadingB),
                Math.max(1, columnsB),
                beta,
                addressC,
                leadingC);
    }

    @Override
    public void close() {
        a.release();
        b.release();
    }
}
