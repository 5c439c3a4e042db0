package org.seqpe.bench.kernels;

import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** Attention of one new row of each sample to a cache of the shape's length, in one layer. */
public class CachedAttentionKernels extends KernelBenchmark {
    /** plain; or with position vectors that add a term to the logits. */
    @Param({"plain", "positions"})
    public String variant;

    private CachedAttention spec;
    private Ints lengths;
    private AttentionHeads fresh;
    private Heads keys;
    private Heads values;
    private Heads positionKeys;
    private Heads out;

    @Override
    protected void prepare() {
        boolean positions = variant.equals("positions");
        int longest = at.length - 1;
        spec = new CachedAttention(
                at.batch,
                at.length,
                longest,
                at.heads,
                at.headWidth,
                (float) (1 / Math.sqrt(at.headWidth)),
                null,
                positions ? at.headWidth : 0,
                1);
        int[] all = new int[at.batch];
        Arrays.fill(all, longest);
        lengths = on.allocateInts(at.batch);
        lengths.upload(all);
        Tensor qkv = normal(at.batch, 3L * at.width);
        fresh = new AttentionHeads(
                Heads.columns(qkv, 0, at.headWidth),
                Heads.columns(qkv, at.width, at.headWidth),
                Heads.columns(qkv, 2 * at.width, at.headWidth),
                positions ? columns(at.batch) : null,
                null);
        keys = columns(at.rows);
        values = columns(at.rows);
        positionKeys = positions ? columns(at.length) : null;
        out = columns(at.batch);
    }

    private Heads columns(int rows) {
        return Heads.columns(normal(rows, at.width), 0, at.headWidth);
    }

    @Benchmark
    public void cachedAttention() {
        on.cachedAttention(spec, lengths, fresh, keys, values, positionKeys, out);
    }
}
