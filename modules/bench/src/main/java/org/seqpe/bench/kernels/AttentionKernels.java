package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;

/** Causal attention of one layer. */
public class AttentionKernels extends KernelBenchmark {
    /** plain; with position vectors that add a term to the logits; or with dropout on the weights. */
    @Param({"plain", "positions", "dropout"})
    public String variant;

    private Attention spec;
    private Heads[] qkv;
    private Heads[] dQkv;
    private Heads positionQuery;
    private Heads positionKey;
    private Heads dPositionQuery;
    private Heads dPositionKey;
    private Heads out;
    private Heads dOut;
    private Tensor logSumExp;

    @Override
    protected void prepare() {
        spec = Attention.plain(at.batch, at.length, at.heads, at.headWidth, true);
        qkv = thirds(normal(at.rows, 3L * at.width));
        dQkv = thirds(normal(at.rows, 3L * at.width));
        out = Heads.columns(normal(at.rows, at.width), 0, at.headWidth);
        dOut = Heads.columns(normal(at.rows, at.width), 0, at.headWidth);
        logSumExp = normal(at.batch, at.heads, at.length);
        if (variant.equals("dropout")) {
            spec = spec.withDropout(0.1f, 5);
        }
        if (variant.equals("positions")) {
            spec = spec.withPositions(1, at.headWidth, 1);
            Tensor vectors = normal(at.length, 2L * at.width);
            Tensor dVectors = normal(at.length, 2L * at.width);
            positionQuery = Heads.columns(vectors, 0, at.headWidth);
            positionKey = Heads.columns(vectors, at.width, at.headWidth);
            dPositionQuery = Heads.columns(dVectors, 0, at.headWidth);
            dPositionKey = Heads.columns(dVectors, at.width, at.headWidth);
        }
        // The backward pass reads the forward's sums.
        attention();
    }

    private Heads[] thirds(Tensor tensor) {
        return new Heads[] {
            Heads.columns(tensor, 0, at.headWidth),
            Heads.columns(tensor, at.width, at.headWidth),
            Heads.columns(tensor, 2 * at.width, at.headWidth)
        };
    }

    @Benchmark
    public void attention() {
        on.attention(spec, new AttentionHeads(qkv[0], qkv[1], qkv[2], positionQuery, positionKey), out, logSumExp);
    }

    @Benchmark
    public void attentionBackward() {
        on.attentionBackward(
                spec,
                new AttentionHeads(qkv[0], qkv[1], qkv[2], positionQuery, positionKey),
                out,
                logSumExp,
                dOut,
                new AttentionHeads(dQkv[0], dQkv[1], dQkv[2], dPositionQuery, dPositionKey));
    }
}
