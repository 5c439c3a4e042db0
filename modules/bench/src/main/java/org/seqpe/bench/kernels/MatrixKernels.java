package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Tensor;

/** Products of matrices: the MLP's layers, the output layer's, and the small ones of the position losses. */
public class MatrixKernels extends KernelBenchmark {
    private static final int PIVOTS = 32;
    private static final int CANDIDATES = 32;

    private Tensor x;
    private Tensor w;
    private Tensor bias;
    private Tensor pre;
    private Tensor out;
    private Tensor dX;
    private Tensor dW;
    private Tensor dBias;
    private Tensor table;
    private Tensor dTable;
    private Tensor hidden;
    private Tensor dHidden;
    private Tensor logits;
    private Tensor pivots;
    private Tensor candidates;
    private Tensor distances;

    @Override
    protected void prepare() {
        x = normal(at.rows, at.width);
        w = normal(at.width, 4L * at.width);
        bias = normal(4L * at.width);
        pre = normal(at.rows, 4L * at.width);
        out = normal(at.rows, 4L * at.width);
        dX = normal(at.rows, at.width);
        dW = normal(at.width, 4L * at.width);
        dBias = normal(4L * at.width);
        table = normal(at.vocabulary, at.width);
        dTable = normal(at.vocabulary, at.width);
        hidden = normal(at.logitRows, at.width);
        dHidden = normal(at.logitRows, at.width);
        logits = normal(at.logitRows, at.vocabulary);
        pivots = normal(PIVOTS, at.width);
        candidates = normal(PIVOTS, CANDIDATES, at.width);
        distances = normal(PIVOTS, CANDIDATES);
    }

    @Benchmark
    public void linear() {
        on.linear(x, w, false, bias, out);
    }

    @Benchmark
    public void linearGelu() {
        on.linearGelu(Gelu.TANH, x, w, false, bias, pre, out);
    }

    @Benchmark
    public void linearBackward() {
        on.linearBackward(out, x, w, false, dX, false, dW, dBias);
    }

    @Benchmark
    public void matmulLogits() {
        on.matmul(hidden, false, table, true, 1, 0, logits);
    }

    @Benchmark
    public void matmulLogitsToHidden() {
        on.matmul(logits, false, table, false, 1, 0, dHidden);
    }

    @Benchmark
    public void matmulLogitsToTable() {
        on.matmul(logits, true, hidden, false, 1, 1, dTable);
    }

    @Benchmark
    public void matmulBatched() {
        on.matmulBatched(
                PIVOTS,
                1,
                CANDIDATES,
                at.width,
                1,
                pivots,
                at.width,
                at.width,
                false,
                candidates,
                at.width,
                (long) CANDIDATES * at.width,
                true,
                0,
                distances,
                CANDIDATES,
                CANDIDATES);
    }
}
