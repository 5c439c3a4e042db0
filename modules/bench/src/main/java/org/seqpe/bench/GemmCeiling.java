package org.seqpe.bench;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.CpuDevice;

/**
 * The rate of one large float32 matrix product, in GFLOP/s: what this machine allows on so many threads, and a check
 * that each side gets all of them.
 *
 * @param seqpe through our CPU device
 * @param onednn through libtorch's oneDNN
 * @param openblas through libtorch's OpenBLAS, with as many threads of its own
 */
record GemmCeiling(double seqpe, double onednn, double openblas) {
    private static final int EDGE = 1536;
    private static final int REPEATS = 12;

    /** The best of them: what shares refer to. */
    double best() {
        return Math.max(seqpe, Math.max(onednn, openblas));
    }

    static GemmCeiling measure(int threads) {
        double ours;
        try (CpuDevice device = new CpuDevice(threads)) {
            Tensor a = device.allocate(EDGE, EDGE);
            Tensor b = device.allocate(EDGE, EDGE);
            Tensor c = device.allocate(EDGE, EDGE);
            device.fill(a, 0.5f);
            device.fill(b, 0.25f);
            ours = rate(() -> device.matmul(a, false, b, false, 1, 0, c));
        }
        torch.set_num_threads(threads);
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            org.bytedeco.pytorch.Tensor a = torch.full(new long[] {EDGE, EDGE}, new org.bytedeco.pytorch.Scalar(0.5f));
            org.bytedeco.pytorch.Tensor b = torch.full(new long[] {EDGE, EDGE}, new org.bytedeco.pytorch.Scalar(0.25f));
            org.bytedeco.pytorch.Tensor prepared = a.to_mkldnn();
            openblas_nolapack.blas_set_num_threads(1);
            double onednn = rate(() -> torch.mkldnn_linear(prepared, b));
            openblas_nolapack.blas_set_num_threads(threads);
            double openblas = rate(() -> torch.mm(a, b));
            return new GemmCeiling(ours, onednn, openblas);
        }
    }

    private static double rate(Runnable product) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPEATS; i++) {
            try (PointerScope scope = new PointerScope()) {
                long start = System.nanoTime();
                product.run();
                best = Math.min(best, (System.nanoTime() - start) * 1e-9);
            }
        }
        return 2e-9 * EDGE * EDGE * EDGE / best;
    }
}
