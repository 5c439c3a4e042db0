package org.seqpe.compute.cpu.runtime;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * OpenBLAS's matrix product of float32 operands. OpenBLAS is set to compute each call on the thread that makes it: its
 * own threads would choose the cut by their number, and would stand in the way of ours. The setting belongs to the
 * process and so holds for ND4J's products too.
 */
public final class Blas implements Gemm {
    private final Address a = new Address();
    private final Address b = new Address();
    private final Address c = new Address();

    /** A pointer that can be moved, so that a call needs no new ones. */
    private static final class Address extends FloatPointer {
        Address() {
            super((Pointer) null);
        }

        Address at(long value) {
            address = value;
            return this;
        }
    }

    /** Makes OpenBLAS compute on the calling thread, in the whole process. */
    public static void useCallingThreadOnly() {
        // ND4J sets the number of threads when its BLAS wrapper is made: that must have happened before.
        Nd4j.getBlasWrapper();
        org.bytedeco.openblas.presets.openblas_nolapack.blas_set_num_threads(1);
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
        cblas_sgemm(
                CblasRowMajor,
                transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans,
                m,
                n,
                k,
                alpha,
                a.at(addressA),
                leadingA,
                b.at(addressB),
                leadingB,
                beta,
                c.at(addressC),
                leadingC);
    }
}
