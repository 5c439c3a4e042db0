package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** The losses, which replace logits by gradients: a block of the output layer's, and the transfer loss's rows. */
public class LossKernels extends KernelBenchmark {
    private static final int WINDOWS = 32;
    private static final int OFFSETS = 32;

    private Tensor logits;
    private Ints labels;
    private Tensor loss;
    private Tensor teacher;
    private Tensor student;
    private Tensor divergences;

    @Override
    protected void prepare() {
        logits = normal(at.logitRows, at.vocabulary);
        labels = below(at.vocabulary, at.logitRows);
        loss = on.allocate(at.logitRows);
        long rows = (long) WINDOWS * at.heads * OFFSETS;
        teacher = normal(rows, OFFSETS);
        student = normal(rows, OFFSETS);
        divergences = on.allocate(rows);
    }

    @Benchmark
    public void crossEntropy() {
        on.crossEntropy(logits, labels, 1, 0, true, 1, loss);
    }

    @Benchmark
    public void divergence() {
        on.divergence(teacher, student, 1, true, 1, 1, divergences);
    }
}
