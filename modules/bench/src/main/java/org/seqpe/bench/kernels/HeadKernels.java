package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;

/** What position encodings do to queries or keys, read where the projection [B*T, 3C] left them. */
public class HeadKernels extends KernelBenchmark {
    private Heads query;
    private Heads out;
    private Heads positions;
    private Heads dPositions;
    private Tensor sin;
    private Tensor cos;

    @Override
    protected void prepare() {
        query = Heads.columns(normal(at.rows, 3L * at.width), 0, at.headWidth);
        out = Heads.columns(normal(at.rows, 3L * at.width), 0, at.headWidth);
        positions = Heads.columns(normal(at.length, at.width), 0, at.headWidth);
        dPositions = Heads.columns(normal(at.length, at.width), 0, at.headWidth);
        sin = normal(at.length, at.headWidth / 2);
        cos = normal(at.length, at.headWidth / 2);
    }

    @Benchmark
    public void copyHeads() {
        on.copyHeads(query, at.rows, at.heads, at.headWidth, out);
    }

    @Benchmark
    public void rotary() {
        on.rotary(query, at.rows, at.heads, at.headWidth, sin, cos, false, out);
    }

    @Benchmark
    public void multiplyHeads() {
        on.multiplyHeads(query, at.rows, at.heads, at.headWidth, positions, at.length, out);
    }

    @Benchmark
    public void multiplyHeadsBackward() {
        on.multiplyHeadsBackward(query, query, at.rows, at.heads, at.headWidth, positions, at.length, out, dPositions);
    }

    @Benchmark
    public void addHeads() {
        on.addHeads(query, at.rows, at.heads, at.headWidth, positions, at.length, out);
    }

    @Benchmark
    public void addHeadsBackward() {
        on.addHeadsBackward(query, at.rows, at.heads, at.headWidth, dPositions, at.length);
    }
}
