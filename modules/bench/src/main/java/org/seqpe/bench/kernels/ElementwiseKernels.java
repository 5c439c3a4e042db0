package org.seqpe.bench.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Tensor;

/** Elementwise kernels, on the residual stream [B*T, C] or, for GELU, inside the MLP [B*T, 4C]. */
public class ElementwiseKernels extends KernelBenchmark {
    private Tensor a;
    private Tensor b;
    private Tensor out;
    private Tensor inner;
    private Tensor dInner;
    private Tensor outInner;

    @Override
    protected void prepare() {
        a = normal(at.rows, at.width);
        b = normal(at.rows, at.width);
        out = normal(at.rows, at.width);
        inner = normal(at.rows, 4L * at.width);
        dInner = normal(at.rows, 4L * at.width);
        outInner = normal(at.rows, 4L * at.width);
    }

    @Benchmark
    public void fill() {
        on.fill(out, 1);
    }

    @Benchmark
    public void copy() {
        on.copy(a, out);
    }

    @Benchmark
    public void axpy() {
        on.axpy(1e-6f, a, out);
    }

    @Benchmark
    public void scale() {
        on.scale(out, 1);
    }

    @Benchmark
    public void add() {
        on.add(a, b, out);
    }

    @Benchmark
    public void geluTanh() {
        on.gelu(Gelu.TANH, inner, outInner);
    }

    @Benchmark
    public void geluExact() {
        on.gelu(Gelu.EXACT, inner, outInner);
    }

    @Benchmark
    public void geluTanhBackward() {
        on.geluBackward(Gelu.TANH, inner, dInner, outInner);
    }

    @Benchmark
    public void geluExactBackward() {
        on.geluBackward(Gelu.EXACT, inner, dInner, outInner);
    }

    @Benchmark
    public void dropout() {
        on.dropout(a, 0.1f, 7, out);
    }
}
