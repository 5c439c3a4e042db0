package org.seqpe.compute.cpu.bfloat16;

import org.seqpe.compute.cpu.runtime.Gemm;

/** Products of float32 operands that are rounded to bfloat16 first: attention's tiles. */
final class RoundingGemm implements Gemm {
    private final Gemm rounded;
    private final Panel a = new Panel();
    private final Panel b = new Panel();

    /** @param rounded computes the products; closed with this object */
    RoundingGemm(Gemm rounded) {
        this.rounded = rounded;
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
        int columnsA = transposeA ? m : k;
        int columnsB = transposeB ? k : n;
        rounded.gemm(
                transposeA,
                transposeB,
                m,
                n,
                k,
                alpha,
                a.rounded(addressA, transposeA ? k : m, columnsA, leadingA),
                Math.max(1, columnsA),
                b.rounded(addressB, transposeB ? n : k, columnsB, leadingB),
                Math.max(1, columnsB),
                beta,
                addressC,
                leadingC);
    }

    @Override
    public void close() {
        rounded.close();
        a.release();
        b.release();
    }
}
