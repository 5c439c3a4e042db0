package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;

/** Layer norm, embeddings and position tables: kernels that go through rows. */
public class RowKernels extends KernelBenchmark {
    private static final float EPSILON = 1e-5f;

    private Tensor x;
    private Tensor dOut;
    private Tensor out;
    private Tensor weight;
    private Tensor bias;
    private Tensor dWeight;
    private Tensor dBias;
    private Tensor mean;
    private Tensor rstd;
    private Tensor table;
    private Tensor dTable;
    private Tensor positions;
    private Tensor dPositions;
    private Ints ids;

    @Override
    protected void prepare() {
        x = normal(at.rows, at.width);
        dOut = normal(at.rows, at.width);
        out = normal(at.rows, at.width);
        weight = normal(at.width);
        bias = normal(at.width);
        dWeight = normal(at.width);
        dBias = normal(at.width);
        mean = normal(at.rows);
        rstd = normal(at.rows);
        table = normal(at.vocabulary, at.width);
        dTable = normal(at.vocabulary, at.width);
        positions = normal(at.length, at.width);
        dPositions = normal(at.length, at.width);
        ids = below(at.vocabulary, at.rows);
    }

    @Benchmark
    public void layerNorm() {
        on.layerNorm(x, weight, bias, EPSILON, out, mean, rstd);
    }

    @Benchmark
    public void layerNormBackward() {
        on.layerNormBackward(dOut, x, weight, mean, rstd, out, false, dWeight, dBias);
    }

    @Benchmark
    public void gather() {
        on.gather(ids, table, out, false);
    }

    @Benchmark
    public void scatterAdd() {
        on.scatterAdd(ids, dOut, dTable);
    }

    @Benchmark
    public void addRows() {
        on.addRows(x, positions, out);
    }

    @Benchmark
    public void sumRows() {
        on.sumRows(dOut, dPositions);
    }
}
