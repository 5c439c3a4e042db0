package org.seqpe.compute.cpu;

import java.util.Optional;
import java.util.function.Supplier;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Ints;
import org.seqpe.compute.KernelChecks;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.attention.AttentionBackward;
import org.seqpe.compute.cpu.attention.AttentionForward;
import org.seqpe.compute.cpu.attention.CachedAttentionKernel;
import org.seqpe.compute.cpu.attention.ListAttentionKernel;
import org.seqpe.compute.cpu.bfloat16.MatrixUnit;
import org.seqpe.compute.cpu.loss.CrossEntropy;
import org.seqpe.compute.cpu.loss.Divergence;
import org.seqpe.compute.cpu.loss.OptimizerKernels;
import org.seqpe.compute.cpu.product.Products;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.HeadKernels;
import org.seqpe.compute.cpu.row.LayerNorms;
import org.seqpe.compute.cpu.row.RowKernels;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.host.HostDevice;
import org.seqpe.compute.host.HostInts;
import org.seqpe.compute.host.HostTensor;

/**
 * The fast device of this machine's processor: fused Vector API kernels and OpenBLAS, on a fixed number of threads. One
 * thread at a time may use it. A tensor that a kernel reads or writes may have up to 2^31 - 4097 bytes; larger ones are
 * refused, but for kernels that go element by element, which take all parameters of a model at once.
 *
 * <p>Making one sets OpenBLAS to compute on the calling thread for the whole process, ND4J's own products included:
 * this device's threads share the work out themselves, by the shapes alone, so that results are bitwise the same for
 * every number of threads.
 */
public final class CpuDevice extends HostDevice {
    /** Elements that an elementwise kernel sees at once: 1 GiB. */
    private static final long PART = 1L << 28;

    private final long partSize;
    private final Precision precision;
    private final String matrixUnit;
    private final CpuContext context;
    private final Elementwise elementwise;
    private final Products products;
    private final LayerNorms layerNorms;
    private final RowKernels rowKernels;
    private final HeadKernels headKernels;
    private final AttentionForward attentionForward;
    private final AttentionBackward attentionBackward;
    private final CachedAttentionKernel cachedAttention;
    private final ListAttentionKernel listAttention;
    private final CrossEntropy crossEntropy;
    private final Divergence divergence;
    private final OptimizerKernels optimizer;
    /** A ring of recent operands, longer than any kernel's argument list, that keeps them reachable. */
    private final HostTensor[] held = new HostTensor[16];

    private int nextHeld;

    /**
     * A device of this many threads, the caller's among them.
     *
     * @throws IllegalStateException where {@link #unsupportedReason} names a reason
     */
    public CpuDevice(int threads) {
        this(threads, PART);
    }

    /**
     * A device of bfloat16: products of linear layers and of attention are, with sums in float32; everything else is of
     * float32.
     *
     * @param unit computes the products
     * @throws IllegalStateException where {@link #unsupportedReason} names a reason
     */
    public CpuDevice(int threads, MatrixUnit unit) {
        this(PART, Precision.BFLOAT16, unit.title(), () -> new CpuContext(threads, unit::newGemm));
    }

    /** @param partSize elements that an elementwise kernel sees at once */
    CpuDevice(int threads, long partSize) {
        this(partSize, Precision.FLOAT32, "", () -> new CpuContext(threads));
    }

    private CpuDevice(long partSize, Precision precision, String matrixUnit, Supplier<CpuContext> newContext) {
        this.partSize = partSize;
        this.precision = precision;
        this.matrixUnit = matrixUnit;
        unsupportedReason().ifPresent(reason -> {
            throw new IllegalStateException("Cannot use the CPU device: " + reason);
        });
        context = newContext.get();
        elementwise = new Elementwise(context);
        products = new Products(context, elementwise);
        layerNorms = new LayerNorms(context);
        rowKernels = new RowKernels(context);
        headKernels = new HeadKernels(context);
        attentionForward = new AttentionForward(context, elementwise);
        attentionBackward = new AttentionBackward(context, elementwise);
        cachedAttention = new CachedAttentionKernel(context);
        listAttention = new ListAttentionKernel(context);
        crossEntropy = new CrossEntropy(context);
        divergence = new Divergence(context);
        optimizer = new OptimizerKernels(context);
    }

    /** Why this device cannot run in this JVM; empty where it can. */
    public static Optional<String> unsupportedReason() {
        return CpuSupport.unsupportedReason();
    }

    @Override
    public String name() {
        return "cpu";
    }

    // ---------------------------------------------------------------- memory

    @Override
    public void close() {
        context.close();
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public String matrixUnit() {
        return matrixUnit;
    }

    /** Kernels other than products work in float32, which this device converts to when a product reads it. */
    @Override
    public Precision activationPrecision() {
        return Precision.FLOAT32;
    }

    @Override
    public Tensor allocate(long... shape) {
        return HostTensor.allocate(this, shape);
    }

    @Override
    public Tensor allocate(Precision wanted, long... shape) {
        if (wanted == Precision.BFLOAT16 && precision != Precision.BFLOAT16) {
            throw new IllegalArgumentException(
                    "Cannot allocate on " + name() + ": expected the precision FLOAT32, found " + wanted);
        }
        return HostTensor.allocate(this, wanted, shape);
    }

    @Override
    public void free(Tensor tensor) {
        HostTensor.of(tensor).free();
    }

    @Override
    public Optional<Tensor> share(HostVector vector) {
        return Optional.of(HostTensor.over(this, vector));
    }

    /**
     * A kernel's argument, kept from the garbage collector while the kernel works on its memory: compiled callers may
     * hold their last reference to a tensor no longer than until the call.
     */
    private HostTensor anyOperand(Tensor tensor) {
        HostTensor host = HostTensor.of(tensor);
        held[nextHeld++ & held.length - 1] = host;
        return host;
    }

    /** The same for a kernel that works in float32. */
    private HostTensor operand(Tensor tensor) {
        if (tensor.precision() != Precision.FLOAT32) {
            throw new IllegalArgumentException(
                    "Cannot compute: expected a tensor of FLOAT32, found " + tensor + " of " + tensor.precision());
        }
        return anyOperand(tensor);
    }

    /** The part of an elementwise kernel's argument that begins at an element: all of it, unless it is very large. */
    private HostTensor part(Tensor tensor, long from) {
        return operand(stretch(tensor, from));
    }

    private HostTensor anyPart(Tensor tensor, long from) {
        return anyOperand(stretch(tensor, from));
    }

    private Tensor stretch(Tensor tensor, long from) {
        return tensor.size() <= partSize ? tensor : tensor.view(from, Math.min(partSize, tensor.size() - from));
    }

    private HostTensor operandOrNull(Tensor tensor) {
        return tensor == null ? null : operand(tensor);
    }

    // ---------------------------------------------------------------- elementwise

    @Override
    public void fill(Tensor x, float value) {
        for (long from = 0; from < x.size(); from += partSize) {
            elementwise.fill(part(x, from), value);
        }
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        KernelChecks.sameSize("copy", source, target);
        for (long from = 0; from < source.size(); from += partSize) {
            elementwise.copy(anyPart(source, from), anyPart(target, from));
        }
    }

    @Override
    public void axpy(float alpha, Tensor x, Tensor target) {
        KernelChecks.sameSize("axpy", x, target);
        for (long from = 0; from < x.size(); from += partSize) {
            elementwise.axpy(alpha, part(x, from), part(target, from));
        }
    }

    @Override
    public void scale(Tensor x, float alpha) {
        for (long from = 0; from < x.size(); from += partSize) {
            elementwise.scale(part(x, from), alpha);
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor out) {
        KernelChecks.sameSize("add", a, b, out);
        for (long from = 0; from < a.size(); from += partSize) {
            elementwise.add(part(a, from), part(b, from), part(out, from));
        }
    }

    @Override
    public void gelu(Gelu form, Tensor x, Tensor out) {
        KernelChecks.sameSize("gelu", x, out);
        for (long from = 0; from < x.size(); from += partSize) {
            elementwise.gelu(form, part(x, from), part(out, from));
        }
    }

    @Override
    public void geluBackward(Gelu form, Tensor x, Tensor dOut, Tensor dX) {
        KernelChecks.sameSize("geluBackward", x, dOut, dX);
        for (long from = 0; from < x.size(); from += partSize) {
            elementwise.geluBackward(form, part(x, from), part(dOut, from), part(dX, from));
        }
    }

    @Override
    public void dropout(Tensor x, float rate, long key, Tensor out) {
        KernelChecks.dropout(x, rate, out);
        rowKernels.dropout(operand(x), rate, key, operand(out));
    }

    // ---------------------------------------------------------------- matrices and layer norm

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c) {
        KernelChecks.matmul(a, transposeA, b, transposeB, c);
        products.matmul(anyOperand(a), transposeA, anyOperand(b), transposeB, alpha, beta, operand(c));
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
        boolean dense = leadingA == (transposeA ? m : k) && leadingB == (transposeB ? k : n) && leadingC == n;
        if (count == 1 && dense) {
            products.matmul(
                    anyOperand(a.view(0, transposeA ? k : m, leadingA)),
                    transposeA,
                    anyOperand(b.view(0, transposeB ? n : k, leadingB)),
                    transposeB,
                    alpha,
                    beta,
                    operand(c.view(0, m, n)));
            return;
        }
        products.matmulBatched(
                count,
                m,
                n,
                k,
                alpha,
                anyOperand(a),
                leadingA,
                strideA,
                transposeA,
                anyOperand(b),
                leadingB,
                strideB,
                transposeB,
                beta,
                operand(c),
                leadingC,
                strideC);
    }

    @Override
    public void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        KernelChecks.linear(x, w, transposeW, bias, out);
        products.linear(anyOperand(x), anyOperand(w), transposeW, operandOrNull(bias), operand(out));
    }

    @Override
    public void linearGelu(Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out) {
        KernelChecks.linearGelu(x, w, transposeW, bias, pre, out);
        products.linearGelu(
                form,
                anyOperand(x),
                anyOperand(w),
                transposeW,
                operandOrNull(bias),
                operandOrNull(pre),
                anyOperand(out));
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
        products.linearBackward(
                operand(dOut),
                anyOperand(x),
                anyOperand(w),
                transposeW,
                operandOrNull(dX),
                accumulateX,
                operandOrNull(dW));
        if (dBias != null) {
            products.addColumnSums(operand(dOut), operand(dBias));
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor rstd) {
        KernelChecks.layerNorm(x, weight, bias, out, mean, rstd);
        layerNorms.forward(
                operand(x), operand(weight), operand(bias), epsilon, anyOperand(out), operand(mean), operand(rstd));
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
        layerNorms.backward(
                operand(dOut),
                operand(x),
                operand(weight),
                operand(mean),
                operand(rstd),
                operand(dX),
                accumulateX,
                operand(dWeight),
                operand(dBias));
    }

    // ---------------------------------------------------------------- rows

    @Override
    public void gather(Ints ids, Tensor table, Tensor out, boolean accumulate) {
        HostInts rows = HostInts.of(ids);
        KernelChecks.rows("gather", ids, table, out);
        rowKernels.gather(rows, operand(table), operand(out), accumulate);
    }

    @Override
    public void scatterAdd(Ints ids, Tensor dOut, Tensor dTable) {
        HostInts rows = HostInts.of(ids);
        KernelChecks.rows("scatterAdd", ids, dTable, dOut);
        rowKernels.scatterAdd(rows, operand(dOut), operand(dTable));
    }

    @Override
    public void addRows(Tensor x, Tensor table, Tensor out) {
        KernelChecks.addRows(x, table, out);
        rowKernels.addRows(operand(x), operand(table), operand(out));
    }

    @Override
    public void sumRows(Tensor dOut, Tensor dTable) {
        KernelChecks.sumRows(dOut, dTable);
        rowKernels.sumRows(operand(dOut), operand(dTable));
    }

    @Override
    public void scaleRows(Tensor x, Tensor factors, Tensor out) {
        KernelChecks.scaleRows(x, factors, out);
        rowKernels.scaleRows(operand(x), operand(factors), operand(out));
    }

    // ---------------------------------------------------------------- attention and positions

    @Override
    public void sinCos(Tensor angles, Tensor sin, Tensor cos) {
        KernelChecks.sameSize("sinCos", angles, sin, cos);
        for (long from = 0; from < angles.size(); from += partSize) {
            elementwise.sinCos(part(angles, from), part(sin, from), part(cos, from));
        }
    }

    @Override
    public void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, boolean inverse, Heads out) {
        KernelChecks.rotary(x, rows, heads, width, sin, cos, out);
        headKernels.rotary(x, rows, heads, width, operand(sin), operand(cos), inverse, out);
    }

    @Override
    public void multiplyHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("multiplyHeads", x, rows, heads, width, pe, peRows, out);
        headKernels.multiply(x, rows, heads, width, pe, peRows, out);
    }

    @Override
    public void multiplyHeadsBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe) {
        KernelChecks.multiplyHeadsBackward(dOut, x, rows, heads, width, pe, peRows, dX, dPe);
        headKernels.multiplyBackward(dOut, x, rows, heads, width, pe, peRows, dX, dPe);
    }

    @Override
    public void addHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("addHeads", x, rows, heads, width, pe, peRows, out);
        headKernels.add(x, rows, heads, width, pe, peRows, out);
    }

    @Override
    public void addHeadsBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows) {
        KernelChecks.addHeadsBackward(dOut, rows, heads, width, dPe, peRows);
        headKernels.addBackward(dOut, rows, heads, width, dPe, peRows);
    }

    @Override
    public void attention(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        KernelChecks.attention(spec, in, out, logSumExp);
        attentionForward.run(spec, in, out, operandOrNull(logSumExp));
    }

    @Override
    public void attentionBackward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        KernelChecks.attentionBackward(spec, in, out, logSumExp, dOut, gradients);
        attentionBackward.run(spec, in, out, operand(logSumExp), dOut, gradients);
    }

    @Override
    public void copyHeads(Heads x, int rows, int heads, int width, Heads out) {
        KernelChecks.copyHeads(x, rows, heads, width, out);
        headKernels.copy(x, rows, heads, width, out);
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
        cachedAttention.run(spec, HostInts.of(lengths), fresh, keys, values, positionKeys, out);
    }

    @Override
    public void listAttention(
            ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        KernelChecks.listAttention(spec, queries, keys, in, out, weights);
        listAttention.forward(spec, HostInts.of(queries), HostInts.of(keys), in, out, operandOrNull(weights));
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
        listAttention.backward(spec, HostInts.of(queries), HostInts.of(keys), in, operand(weights), dOut, gradients);
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
        crossEntropy.run(
                operand(logits), classes, HostInts.of(labels), scale, smoothing, gradient, factor, operand(loss));
    }

    @Override
    public void divergence(
            Tensor teacher, Tensor student, float scale, boolean kl, float beta, float factor, Tensor loss) {
        KernelChecks.divergence(teacher, student, loss);
        divergence.run(operand(teacher), operand(student), scale, kl, beta, factor, operand(loss));
    }

    // ---------------------------------------------------------------- optimizer

    @Override
    protected double sumOfSquares(Tensor x) {
        double sum = 0;
        for (long from = 0; from < x.size(); from += partSize) {
            sum += optimizer.sumOfSquares(part(x, from));
        }
        return sum;
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
        for (long from = 0; from < gradient.size(); from += partSize) {
            optimizer.adam(
                    part(gradient, from),
                    part(firstMoment, from),
                    part(secondMoment, from),
                    learningRate,
                    beta1,
                    beta2,
                    epsilon,
                    step);
        }
    }
}
