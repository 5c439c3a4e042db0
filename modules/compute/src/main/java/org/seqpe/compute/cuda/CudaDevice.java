package org.seqpe.compute.cuda;

import java.util.Optional;
import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostLink;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Ints;
import org.seqpe.compute.KernelChecks;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.Gpu;
import org.seqpe.compute.cuda.kernel.AttentionKernels;
import org.seqpe.compute.cuda.kernel.CachedAttentionKernels;
import org.seqpe.compute.cuda.kernel.ElementwiseKernels;
import org.seqpe.compute.cuda.kernel.HeadKernels;
import org.seqpe.compute.cuda.kernel.LayerNormKernels;
import org.seqpe.compute.cuda.kernel.ListAttentionKernels;
import org.seqpe.compute.cuda.kernel.LossKernels;
import org.seqpe.compute.cuda.kernel.OptimizerKernels;
import org.seqpe.compute.cuda.kernel.RowKernels;
import org.seqpe.compute.cuda.kernel.SlopeTensors;
import org.seqpe.compute.cuda.product.Matrices;
import org.seqpe.compute.cuda.product.Products;
import org.seqpe.compute.cuda.runtime.CudaContext;
import org.seqpe.compute.cuda.runtime.CudaDoubles;
import org.seqpe.compute.cuda.runtime.CudaInts;
import org.seqpe.compute.cuda.runtime.CudaRuntime;
import org.seqpe.compute.cuda.runtime.CudaTensor;

/**
 * One NVIDIA GPU of compute capability 8.0 or newer: cuBLASLt for products, and our own kernels (src/main/cuda) for
 * everything else, one after another on one stream. A call returns when the GPU has been asked; only downloads and
 * {@link #synchronize} wait. Results repeat bitwise on one model of GPU with one version of cuBLASLt.
 */
public final class CudaDevice implements Device {
    /** Elements: rows then begin at multiples of 16 bytes in either precision. */
    private static final int PITCH = 8;

    private static final int PIECE_ELEMENTS = 1 << 29;

    private final CudaRuntime runtime;
    private final ElementwiseKernels elementwise;
    private final RowKernels rows;
    private final LayerNormKernels layerNorms;
    private final HeadKernels positionHeads;
    private final AttentionKernels attention;
    private final CachedAttentionKernels cachedAttention;
    private final ListAttentionKernels listAttention;
    private final LossKernels losses;
    private final OptimizerKernels optimizer;
    private final Products products;
    private final Matrices matrices;
    private final Precision precision;
    private boolean closed;

    private CudaDevice(CudaContext context, byte[] image, Precision precision) {
        this.precision = precision;
        runtime = new CudaRuntime(this, context, image);
        elementwise = new ElementwiseKernels(runtime);
        rows = new RowKernels(runtime);
        layerNorms = new LayerNormKernels(runtime, rows);
        positionHeads = new HeadKernels(runtime);
        SlopeTensors slopes = new SlopeTensors(runtime);
        attention = new AttentionKernels(runtime, slopes);
        cachedAttention = new CachedAttentionKernels(runtime, slopes);
        listAttention = new ListAttentionKernels(runtime);
        losses = new LossKernels(runtime);
        optimizer = new OptimizerKernels(runtime, elementwise);
        products = new Products(runtime);
        matrices = new Matrices(products, elementwise, rows);
    }

    /**
     * A device on a GPU, ready for the calling thread.
     *
     * @param image machine code of the kernels for this GPU
     * @param precision of activations and of the operands of products
     */
    static CudaDevice open(Gpu gpu, byte[] image, Precision precision) {
        CudaContext context = CudaContext.open(gpu);
        try {
            return new CudaDevice(context, image, precision);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public void attach() {
        runtime.context().attach();
    }

    // ---------------------------------------------------------------- memory

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public String matrixUnit() {
        return precision == Precision.FLOAT32 ? "" : "tensor cores";
    }

    @Override
    public Tensor allocate(long... shape) {
        return runtime.allocate(Precision.FLOAT32, shape);
    }

    @Override
    public Tensor allocate(Precision wanted, long... shape) {
        return runtime.allocate(wanted, shape);
    }

    /** Products with rows that begin anywhere take several times as long. */
    @Override
    public int pitch(int columns) {
        return (columns + PITCH - 1) / PITCH * PITCH;
    }

    /** A gigabyte of bfloat16, because every piece reads and writes the whole gradient of its weights. */
    @Override
    public int pieceRows(int columns) {
        return Math.max(1, PIECE_ELEMENTS / columns);
    }

    @Override
    public void free(Tensor tensor) {
        CudaTensor.of(tensor).free();
    }

    @Override
    public Ints allocateInts(int capacity) {
        return CudaInts.allocate(runtime, capacity);
    }

    @Override
    public Doubles allocateDoubles(int capacity) {
        return new CudaDoubles(runtime, capacity);
    }

    @Override
    public void synchronize() {
        runtime.synchronize();
    }

    /** Never: a GPU does not compute in host memory. */
    @Override
    public Optional<Tensor> share(HostVector vector) {
        return Optional.empty();
    }

    @Override
    public HostLink link(HostVector vector) {
        return runtime.link(vector);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            products.close();
            runtime.close();
        }
    }

    // ---------------------------------------------------------------- elementwise

    @Override
    public void fill(Tensor x, float value) {
        elementwise.fill(x, value);
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        KernelChecks.sameSize("copy", source, target);
        elementwise.copy(source, target);
    }

    @Override
    public void axpy(float alpha, Tensor x, Tensor target) {
        KernelChecks.sameSize("axpy", x, target);
        elementwise.axpy(alpha, x, target);
    }

    @Override
    public void scale(Tensor x, float alpha) {
        elementwise.scale(x, alpha);
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor out) {
        KernelChecks.sameSize("add", a, b, out);
        elementwise.add(a, b, out);
    }

    @Override
    public void gelu(Gelu form, Tensor x, Tensor out) {
        KernelChecks.sameSize("gelu", x, out);
        elementwise.gelu(form, x, out);
    }

    @Override
    public void geluBackward(Gelu form, Tensor x, Tensor dOut, Tensor dX) {
        KernelChecks.sameSize("geluBackward", x, dOut, dX);
        elementwise.geluBackward(form, x, dOut, dX);
    }

    @Override
    public void dropout(Tensor x, float rate, long key, Tensor out) {
        KernelChecks.dropout(x, rate, out);
        rows.dropout(x, rate, key, out);
    }

    // ---------------------------------------------------------------- matrices and layer norm

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c) {
        KernelChecks.matmul(a, transposeA, b, transposeB, c);
        matrices.matmul(a, transposeA, b, transposeB, alpha, beta, c);
    }

    @Override
    public void matmulBatched(
            int count,
            int m,
            int n,
            int k,
            float alpha,
            Tensor a,
            int leadingA,
            long strideA,
            boolean transposeA,
            Tensor b,
            int leadingB,
            long strideB,
            boolean transposeB,
            float beta,
            Tensor c,
            int leadingC,
            long strideC) {
        KernelChecks.matmulBatched(
                count,
                m,
                n,
                k,
                a,
                leadingA,
                strideA,
                transposeA,
                b,
                leadingB,
                strideB,
                transposeB,
                c,
                leadingC,
                strideC);
        if (count == 0) {
            return;
        }
        products.matmulBatched(
                count,
                m,
                n,
                k,
                alpha,
                a,
                leadingA,
                strideA,
                transposeA,
                b,
                leadingB,
                strideB,
                transposeB,
                beta,
                c,
                leadingC,
                strideC);
    }

    @Override
    public void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        KernelChecks.linear(x, w, transposeW, bias, out);
        matrices.linear(x, w, transposeW, bias, out);
    }

    @Override
    public void linearGelu(Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out) {
        KernelChecks.linearGelu(x, w, transposeW, bias, pre, out);
        matrices.linearGelu(form, x, w, transposeW, bias, pre, out);
    }

    @Override
    public void linearBackward(
            Tensor dOut,
            Tensor x,
            Tensor w,
            boolean transposeW,
            Tensor dX,
            boolean accumulateX,
            Tensor dW,
            Tensor dBias) {
        KernelChecks.linearBackward(dOut, x, w, transposeW, dX, dW, dBias);
        matrices.linearBackward(dOut, x, w, transposeW, dX, accumulateX, dW, dBias);
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor rstd) {
        KernelChecks.layerNorm(x, weight, bias, out, mean, rstd);
        layerNorms.forward(x, weight, bias, epsilon, out, mean, rstd);
    }

    @Override
    public void layerNormBackward(
            Tensor dOut,
            Tensor x,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dX,
            boolean accumulateX,
            Tensor dWeight,
            Tensor dBias) {
        KernelChecks.layerNormBackward(dOut, x, weight, mean, rstd, dX, dWeight, dBias);
        layerNorms.backward(dOut, x, weight, mean, rstd, dX, accumulateX, 0, 0, null, dWeight, dBias);
    }

    @Override
    public void addLayerNorm(
            Tensor residual,
            Tensor delta,
            float rate,
            long key,
            Tensor weight,
            Tensor bias,
            float epsilon,
            Tensor sum,
            Tensor out,
            Tensor mean,
            Tensor rstd) {
        KernelChecks.layerNorm(residual, weight, bias, out, mean, rstd);
        KernelChecks.sameSize("addLayerNorm", residual, delta, sum);
        layerNorms.forward(residual, delta, rate, key, weight, bias, epsilon, sum, out, mean, rstd);
    }

    @Override
    public Tensor addLayerNormBackward(
            Tensor dOut,
            Tensor sum,
            Tensor weight,
            Tensor mean,
            Tensor rstd,
            Tensor dSum,
            float rate,
            long key,
            Tensor dDelta,
            Tensor dWeight,
            Tensor dBias) {
        KernelChecks.layerNormBackward(dOut, sum, weight, mean, rstd, dSum, dWeight, dBias);
        KernelChecks.sameSize("addLayerNormBackward", dOut, dDelta);
        layerNorms.backward(dOut, sum, weight, mean, rstd, dSum, true, rate, key, dDelta, dWeight, dBias);
        return dDelta;
    }

    // ---------------------------------------------------------------- rows

    @Override
    public void gather(Ints ids, Tensor table, Tensor out, boolean accumulate) {
        KernelChecks.rows("gather", ids, table, out);
        rows.gather(ids, table, out, accumulate);
    }

    @Override
    public void scatterAdd(Ints ids, Tensor dOut, Tensor dTable) {
        KernelChecks.rows("scatterAdd", ids, dTable, dOut);
        rows.scatterAdd(ids, dOut, dTable);
    }

    @Override
    public void addRows(Tensor x, Tensor table, Tensor out) {
        KernelChecks.addRows(x, table, out);
        rows.addRows(x, table, out);
    }

    @Override
    public void sumRows(Tensor dOut, Tensor dTable) {
        KernelChecks.sumRows(dOut, dTable);
        rows.sumRows(dOut, dTable);
    }

    @Override
    public void scaleRows(Tensor x, Tensor factors, Tensor out) {
        KernelChecks.scaleRows(x, factors, out);
        rows.scaleRows(x, factors, out);
    }

    // ---------------------------------------------------------------- attention and positions

    @Override
    public void sinCos(Tensor angles, Tensor sin, Tensor cos) {
        KernelChecks.sameSize("sinCos", angles, sin, cos);
        elementwise.sinCos(angles, sin, cos);
    }

    @Override
    public void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, boolean inverse, Heads out) {
        KernelChecks.rotary(x, rows, heads, width, sin, cos, out);
        positionHeads.rotary(x, rows, heads, width, sin, cos, inverse, out);
    }

    @Override
    public void multiplyHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("multiplyHeads", x, rows, heads, width, pe, peRows, out);
        positionHeads.multiply(x, rows, heads, width, pe, peRows, out);
    }

    @Override
    public void multiplyHeadsBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe) {
        KernelChecks.multiplyHeadsBackward(dOut, x, rows, heads, width, pe, peRows, dX, dPe);
        positionHeads.multiplyBackward(dOut, x, rows, heads, width, pe, peRows, dX, dPe);
    }

    @Override
    public void addHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("addHeads", x, rows, heads, width, pe, peRows, out);
        positionHeads.add(x, rows, heads, width, pe, peRows, out);
    }

    @Override
    public void addHeadsBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows) {
        KernelChecks.addHeadsBackward(dOut, rows, heads, width, dPe, peRows);
        positionHeads.addBackward(dOut, rows, heads, width, dPe, peRows);
    }

    @Override
    public void attention(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        KernelChecks.attention(spec, in, out, logSumExp);
        attention.forward(spec, in, out, logSumExp);
    }

    @Override
    public void attentionBackward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        KernelChecks.attentionBackward(spec, in, out, logSumExp, dOut, gradients);
        attention.backward(spec, in, out, logSumExp, dOut, gradients);
    }

    @Override
    public void copyHeads(Heads x, int rows, int heads, int width, Heads out) {
        KernelChecks.copyHeads(x, rows, heads, width, out);
        cachedAttention.copy(x, rows, heads, width, out);
    }

    @Override
    public void cachedAttention(
            CachedAttention spec,
            Ints lengths,
            AttentionHeads fresh,
            Heads keys,
            Heads values,
            Heads positionKeys,
            Heads out) {
        KernelChecks.cachedAttention(spec, lengths, fresh, keys, values, positionKeys, out);
        cachedAttention.run(spec, lengths, fresh, keys, values, positionKeys, out);
    }

    @Override
    public void listAttention(
            ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        KernelChecks.listAttention(spec, queries, keys, in, out, weights);
        listAttention.forward(spec, queries, keys, in, out, weights);
    }

    @Override
    public void listAttentionBackward(
            ListAttention spec,
            Ints queries,
            Ints keys,
            AttentionHeads in,
            Tensor weights,
            Heads dOut,
            AttentionHeads gradients) {
        KernelChecks.listAttentionBackward(spec, queries, keys, in, weights, dOut, gradients);
        listAttention.backward(spec, queries, keys, in, weights, dOut, gradients);
    }

    // ---------------------------------------------------------------- losses

    @Override
    public void crossEntropy(
            Tensor logits,
            int classes,
            Ints labels,
            float scale,
            float smoothing,
            boolean gradient,
            float factor,
            Tensor loss) {
        KernelChecks.crossEntropy(logits, classes, labels, smoothing, loss);
        losses.crossEntropy(logits, classes, labels, scale, smoothing, gradient, factor, loss);
    }

    @Override
    public void divergence(
            Tensor teacher, Tensor student, float scale, boolean kl, float beta, float factor, Tensor loss) {
        KernelChecks.divergence(teacher, student, loss);
        losses.divergence(teacher, student, scale, kl, beta, factor, loss);
    }

    @Override
    public void sum(Tensor x, Doubles out, int slot) {
        optimizer.sum(x, out, slot);
    }

    // ---------------------------------------------------------------- optimizer

    @Override
    public void sumOfSquares(Tensor x, Doubles out, int slot) {
        optimizer.sumOfSquares(x, out, slot);
    }

    @Override
    public void clip(Tensor x, Doubles squares, int slot, double bound) {
        optimizer.clip(x, squares, slot, bound);
    }

    @Override
    public void adam(
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            long step) {
        KernelChecks.adam(gradient, firstMoment, secondMoment, step);
        optimizer.adam(gradient, firstMoment, secondMoment, learningRate, beta1, beta2, epsilon, step);
    }

    @Override
    public void adamW(
            AdamWStep step,
            Tensor parameters,
            Tensor operands,
            Tensor gradient,
            Tensor firstMoment,
            Tensor secondMoment) {
        KernelChecks.adam(gradient, firstMoment, secondMoment, step.step());
        KernelChecks.sameSize("adamW", gradient, parameters, operands);
        optimizer.adamW(step, parameters, operands, gradient, firstMoment, secondMoment);
    }
}
