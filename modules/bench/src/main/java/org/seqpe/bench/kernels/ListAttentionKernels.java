package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Tensor;

/** The position encoder's attention at the authors' text settings: some 6,200 digits, each of which sees up to 6. */
public class ListAttentionKernels extends KernelBenchmark {
    private static final int ELEMENTS = 6200;
    private static final int SLOTS = 6;

    private Ints queries;
    private Ints keys;
    private Heads[] qkv;
    private Heads[] dQkv;
    private Heads out;
    private Heads dOut;
    private Tensor weights;
    private ListAttention spec;

    @Override
    protected void prepare() {
        queries = below(ELEMENTS, ELEMENTS);
        keys = below(ELEMENTS, ELEMENTS * SLOTS);
        qkv = thirds(normal(ELEMENTS, 3L * at.width));
        dQkv = thirds(normal(ELEMENTS, 3L * at.width));
        out = Heads.columns(normal(ELEMENTS, at.width), 0, at.headWidth);
        dOut = Heads.columns(normal(ELEMENTS, at.width), 0, at.headWidth);
        weights = normal(ELEMENTS, at.heads, SLOTS);
        float scale = (float) (1 / Math.sqrt(at.headWidth));
        spec = new ListAttention(ELEMENTS, ELEMENTS, at.heads, at.headWidth, scale, SLOTS, 0, 0);
        // The backward pass reads the forward's weights.
        listAttention();
    }

    private Heads[] thirds(Tensor tensor) {
        return new Heads[] {
            Heads.columns(tensor, 0, at.headWidth),
            Heads.columns(tensor, at.width, at.headWidth),
            Heads.columns(tensor, 2 * at.width, at.headWidth)
        };
    }

    @Benchmark
    public void listAttention() {
        on.listAttention(spec, queries, keys, AttentionHeads.of(qkv[0], qkv[1], qkv[2]), out, weights);
    }

    @Benchmark
    public void listAttentionBackward() {
        on.listAttentionBackward(
                spec,
                queries,
                keys,
                AttentionHeads.of(qkv[0], qkv[1], qkv[2]),
                weights,
                dOut,
                AttentionHeads.of(dQkv[0], dQkv[1], dQkv[2]));
    }
}
