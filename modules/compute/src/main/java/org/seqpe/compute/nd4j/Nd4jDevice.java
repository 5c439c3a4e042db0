package org.seqpe.compute.nd4j;

import static org.seqpe.compute.nd4j.Nd4jTensor.of;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Ints;
import org.seqpe.compute.KernelChecks;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.compute.cpu.runtime.Blas;
import org.seqpe.compute.host.HostDevice;

/**
 * The reference: every kernel as plain ND4J operations, or as a loop over values where ND4J has none, on whatever ND4J
 * backend is on the class path. It is written to be read; it makes temporary arrays freely.
 *
 * <p>ND4J's own threads do the work, for all devices of a process together. Matrix products run on the calling thread,
 * because OpenBLAS would share out sums by the number of threads and round them differently.
 */
public final class Nd4jDevice extends HostDevice {
    private static final double TANH_FACTOR = Math.sqrt(2 / Math.PI);
    private static final double TANH_CUBE = 0.044715;
    private static final int CHUNK = 1 << 20;

    private final String address;

    /** A device on as many threads as ND4J has chosen (OMP_NUM_THREADS, or all cores). */
    public Nd4jDevice() {
        address = "";
        if (Nd4j.getEnvironment().isCPU()) {
            Blas.useCallingThreadOnly();
        }
    }

    /**
     * A device of this many threads; from now on all ND4J operations of the process have as many.
     *
     * @param threads 1 or more
     */
    public Nd4jDevice(int threads) {
        this(threads, "");
    }

    /** @param address of the GPU, where ND4J computes on GPUs */
    Nd4jDevice(int threads, String address) {
        this.address = address;
        attach();
        if (Nd4j.getEnvironment().isCPU()) {
            Blas.useCallingThreadOnly();
        }
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        Nd4j.getEnvironment().setMaxThreads(threads);
    }

    /** ND4J keeps a GPU for each thread. */
    @Override
    public void attach() {
        InstalledBackend.useAddress(address);
    }

    @Override
    public String name() {
        return "nd4j";
    }

    // ---------------------------------------------------------------- memory

    @Override
    public Tensor allocate(long... shape) {
        return Nd4jTensor.allocate(this, shape);
    }

    @Override
    public void free(Tensor tensor) {
        Nd4jTensor.of(tensor).free();
    }

    /** Only memory of ND4J: what owns the vector has to be an INDArray. */
    @Override
    public Optional<Tensor> share(HostVector vector) {
        return vector.owner() instanceof INDArray array ? Optional.of(Nd4jTensor.wrap(this, array)) : Optional.empty();
    }

    /** Holds nothing: memory goes when its tensors become unreachable. */
    @Override
    public void close() {}

    // ---------------------------------------------------------------- elementwise

    @Override
    public void fill(Tensor x, float value) {
        if (x.size() > 0) {
            of(x).array().assign(value);
        }
    }

    @Override
    public void copy(Tensor source, Tensor target) {
        KernelChecks.sameSize("copy", source, target);
        if (source.size() > 0) {
            of(target).array().assign(of(source).array());
        }
    }

    @Override
    public void axpy(float alpha, Tensor x, Tensor target) {
        KernelChecks.sameSize("axpy", x, target);
        if (x.size() > 0) {
            of(target).array().addi(of(x).array().mul(alpha));
        }
    }

    @Override
    public void scale(Tensor x, float alpha) {
        if (x.size() > 0) {
            of(x).array().muli(alpha);
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor out) {
        KernelChecks.sameSize("add", a, b, out);
        if (a.size() > 0) {
            of(out).array().assign(of(a).array().add(of(b).array()));
        }
    }

    @Override
    public void gelu(Gelu form, Tensor x, Tensor out) {
        KernelChecks.sameSize("gelu", x, out);
        if (x.size() > 0) {
            INDArray values = of(x).array();
            of(out).array().assign(gate(form, values).muli(values));
        }
    }

    /** gelu(x) / x. */
    private static INDArray gate(Gelu form, INDArray x) {
        INDArray odd =
                switch (form) {
                    case TANH -> Transforms.tanh(
                            x.mul(x).muli(TANH_CUBE).addi(1).muli(x).muli(TANH_FACTOR), false);
                    case EXACT -> {
                        INDArray argument = x.mul(Math.sqrt(0.5));
                        yield Nd4j.getExecutioner().exec(new Erf(argument, argument));
                    }
                };
        return odd.addi(1).muli(0.5);
    }

    @Override
    public void geluBackward(Gelu form, Tensor x, Tensor dOut, Tensor dX) {
        KernelChecks.sameSize("geluBackward", x, dOut, dX);
        if (x.size() == 0) {
            return;
        }
        INDArray values = of(x).array();
        INDArray gate = gate(form, values);
        INDArray square = values.mul(values);
        // gelu'(x) = gate + x gate'(x); for the tanh form gate' = 2 gate (1 - gate) u'(x), as gate = sigmoid(2u).
        INDArray gateSlope =
                switch (form) {
                    case TANH -> gate.rsub(1)
                            .muli(gate)
                            .muli(square.mul(3 * TANH_CUBE).addi(1).muli(2 * TANH_FACTOR));
                    case EXACT -> Transforms.exp(square.mul(-0.5), false).muli(1 / Math.sqrt(2 * Math.PI));
                };
        of(dX).array().assign(gateSlope.muli(values).addi(gate).muli(of(dOut).array()));
    }

    @Override
    public void dropout(Tensor x, float rate, long key, Tensor out) {
        KernelChecks.dropout(x, rate, out);
        if (x.size() > 0) {
            INDArray mask = mask(rate, key, 0, Math.toIntExact(x.rows()), Math.toIntExact(x.columns()));
            of(out).matrix().assign(mask.muli(of(x).matrix()));
        }
    }

    /** The {@link Dropout} factors [rows, columns] from a row on. */
    static INDArray mask(float rate, long key, long firstRow, int rows, int columns) {
        float[] factors = new float[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = Dropout.factor(rate, key, firstRow + i / columns, i % columns);
        }
        return Nd4j.createFromArray(factors).reshape(rows, columns);
    }

    // ---------------------------------------------------------------- matrices and layer norm

    @Override
    public void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, float alpha, float beta, Tensor c) {
        KernelChecks.matmul(a, transposeA, b, transposeB, c);
        if (c.size() > 0) {
            Nd4jMatrices.multiply(of(a).matrix(), transposeA, of(b).matrix(), transposeB, alpha, beta, of(c).matrix());
        }
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
        for (int i = 0; i < count; i++) {
            Nd4jMatrices.multiply(
                    Nd4jMatrices.inside(a, i * strideA, transposeA ? k : m, transposeA ? m : k, leadingA),
                    transposeA,
                    Nd4jMatrices.inside(b, i * strideB, transposeB ? n : k, transposeB ? k : n, leadingB),
                    transposeB,
                    alpha,
                    beta,
                    Nd4jMatrices.inside(c, i * strideC, m, n, leadingC));
        }
    }

    @Override
    public void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        KernelChecks.linear(x, w, transposeW, bias, out);
        matmul(x, false, w, transposeW, 1, 0, out);
        if (bias != null) {
            addRows(out, bias.reshape(1, bias.size()), out);
        }
    }

    @Override
    public void linearGelu(Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out) {
        KernelChecks.linearGelu(x, w, transposeW, bias, pre, out);
        Tensor sum = pre == null ? out : pre;
        linear(x, w, transposeW, bias, sum);
        gelu(form, sum, out);
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
        if (dX != null) {
            matmul(dOut, false, w, !transposeW, 1, accumulateX ? 1 : 0, dX);
        }
        if (dOut.size() == 0) {
            return;
        }
        if (dW != null && transposeW) {
            matmul(dOut, true, x, false, 1, 1, dW);
        } else if (dW != null) {
            matmul(x, true, dOut, false, 1, 1, dW);
        }
        if (dBias != null) {
            sumRows(dOut, dBias.reshape(1, dBias.size()));
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor rstd) {
        KernelChecks.layerNorm(x, weight, bias, out, mean, rstd);
        if (x.size() > 0) {
            Nd4jMatrices.layerNorm(
                    of(x).matrix(),
                    of(weight).array(),
                    of(bias).array(),
                    epsilon,
                    of(out).matrix(),
                    of(mean).array(),
                    of(rstd).array());
        }
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
        if (x.size() > 0) {
            Nd4jMatrices.layerNormBackward(
                    of(dOut).matrix(),
                    of(x).matrix(),
                    of(weight).array(),
                    of(mean).array(),
                    of(rstd).array(),
                    of(dX).matrix(),
                    accumulateX,
                    of(dWeight).array(),
                    of(dBias).array());
        }
    }

    // ---------------------------------------------------------------- rows

    @Override
    public void gather(Ints ids, Tensor table, Tensor out, boolean accumulate) {
        KernelChecks.rows("gather", ids, table, out);
        if (out.size() == 0) {
            return;
        }
        INDArray gathered = Nd4j.pullRows(of(table).matrix(), 1, ids.toArray(), 'c');
        if (accumulate) {
            of(out).matrix().addi(gathered);
        } else {
            of(out).matrix().assign(gathered);
        }
    }

    @Override
    public void scatterAdd(Ints ids, Tensor dOut, Tensor dTable) {
        KernelChecks.rows("scatterAdd", ids, dTable, dOut);
        long columns = dTable.columns();
        for (int i = 0; i < ids.length() && columns > 0; i++) {
            of(dTable)
                    .view(ids.get(i) * columns, columns)
                    .array()
                    .addi(of(dOut).view(i * columns, columns).array());
        }
    }

    @Override
    public void addRows(Tensor x, Tensor table, Tensor out) {
        KernelChecks.addRows(x, table, out);
        if (x.size() > 0) {
            of(out).matrix()
                    .assign(of(x).matrix().add(Nd4jMatrices.repeatRows(of(table).matrix(), x.rows())));
        }
    }

    @Override
    public void sumRows(Tensor dOut, Tensor dTable) {
        KernelChecks.sumRows(dOut, dTable);
        if (dOut.size() > 0) {
            of(dTable).matrix().addi(Nd4jMatrices.foldRows(of(dOut).matrix(), dTable.rows()));
        }
    }

    @Override
    public void scaleRows(Tensor x, Tensor factors, Tensor out) {
        KernelChecks.scaleRows(x, factors, out);
        if (x.size() > 0) {
            long groups = factors.size();
            INDArray samples = of(x).array().reshape(groups, x.size() / groups);
            of(out).array()
                    .reshape(groups, x.size() / groups)
                    .assign(samples.mulColumnVector(of(factors).array().reshape(groups, 1)));
        }
    }

    // ---------------------------------------------------------------- attention and positions

    @Override
    public void sinCos(Tensor angles, Tensor sin, Tensor cos) {
        KernelChecks.sameSize("sinCos", angles, sin, cos);
        if (angles.size() > 0) {
            INDArray values = of(angles).array();
            of(cos).array().assign(Transforms.cos(values, true));
            of(sin).array().assign(Transforms.sin(values, true));
        }
    }

    @Override
    public void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, boolean inverse, Heads out) {
        KernelChecks.rotary(x, rows, heads, width, sin, cos, out);
        if (rows > 0) {
            Nd4jHeads.rotary(x, rows, heads, width, of(sin).matrix(), of(cos).matrix(), inverse, out);
        }
    }

    @Override
    public void multiplyHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("multiplyHeads", x, rows, heads, width, pe, peRows, out);
        if (rows > 0) {
            Nd4jHeads.write(
                    out,
                    Nd4jHeads.read(x, rows, heads, width).muli(Nd4jHeads.readRepeated(pe, peRows, rows, heads, width)));
        }
    }

    @Override
    public void multiplyHeadsBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe) {
        KernelChecks.multiplyHeadsBackward(dOut, x, rows, heads, width, pe, peRows, dX, dPe);
        if (rows > 0) {
            INDArray gradient = Nd4jHeads.read(dOut, rows, heads, width);
            INDArray product = Nd4jHeads.read(x, rows, heads, width).muli(gradient);
            Nd4jHeads.write(dX, gradient.muli(Nd4jHeads.readRepeated(pe, peRows, rows, heads, width)));
            Nd4jHeads.addFolded(dPe, peRows, product);
        }
    }

    @Override
    public void addHeads(Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        KernelChecks.positionHeads("addHeads", x, rows, heads, width, pe, peRows, out);
        if (rows > 0) {
            Nd4jHeads.write(
                    out,
                    Nd4jHeads.read(x, rows, heads, width).addi(Nd4jHeads.readRepeated(pe, peRows, rows, heads, width)));
        }
    }

    @Override
    public void addHeadsBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows) {
        KernelChecks.addHeadsBackward(dOut, rows, heads, width, dPe, peRows);
        if (rows > 0) {
            Nd4jHeads.addFolded(dPe, peRows, Nd4jHeads.read(dOut, rows, heads, width));
        }
    }

    @Override
    public void attention(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        KernelChecks.attention(spec, in, out, logSumExp);
        new Nd4jAttention(spec, in).forward(out, logSumExp);
    }

    @Override
    public void attentionBackward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        KernelChecks.attentionBackward(spec, in, out, logSumExp, dOut, gradients);
        new Nd4jAttention(spec, in).backward(out, logSumExp, dOut, gradients);
    }

    @Override
    public void copyHeads(Heads x, int rows, int heads, int width, Heads out) {
        KernelChecks.copyHeads(x, rows, heads, width, out);
        if (rows > 0) {
            Nd4jHeads.write(out, Nd4jHeads.read(x, rows, heads, width));
        }
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
        for (int sample = 0; sample < spec.batch(); sample++) {
            int row = sample * spec.capacity() + lengths.get(sample);
            copyHeads(fresh.key().from(sample), 1, spec.heads(), spec.width(), keys.from(row));
            copyHeads(fresh.value().from(sample), 1, spec.heads(), spec.width(), values.from(row));
        }
        if (spec.batch() > 0) {
            new Nd4jCachedAttention(spec, lengths, fresh, keys, values, positionKeys).run(out);
        }
    }

    @Override
    public void listAttention(
            ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        KernelChecks.listAttention(spec, queries, keys, in, out, weights);
        if (spec.rows() > 0) {
            new Nd4jListAttention(spec, queries, keys, in).forward(out, weights);
        }
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
        if (spec.rows() > 0) {
            new Nd4jListAttention(spec, queries, keys, in).backward(weights, dOut, gradients);
        }
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
        if (logits.size() > 0) {
            Nd4jLosses.crossEntropy(of(logits).matrix(), classes, labels, scale, smoothing, gradient, factor, loss);
        }
    }

    @Override
    public void divergence(
            Tensor teacher, Tensor student, float scale, boolean kl, float beta, float factor, Tensor loss) {
        KernelChecks.divergence(teacher, student, loss);
        if (teacher.size() > 0) {
            Nd4jLosses.divergence(
                    of(teacher).matrix(), of(student).matrix(), scale, kl, beta, factor, of(loss).array());
        }
    }

    // ---------------------------------------------------------------- optimizer

    @Override
    protected double sumOfSquares(Tensor x) {
        double sum = 0;
        float[] values = new float[(int) Math.min(x.size(), CHUNK)];
        for (long start = 0; start < x.size(); start += CHUNK) {
            int count = (int) Math.min(CHUNK, x.size() - start);
            x.download(start, values, 0, count);
            for (int i = 0; i < count; i++) {
                sum += (double) values[i] * values[i];
            }
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
        if (gradient.size() == 0) {
            return;
        }
        INDArray g = of(gradient).array();
        INDArray m = of(firstMoment).array();
        INDArray v = of(secondMoment).array();
        m.muli(beta1).addi(g.mul(1 - beta1));
        v.muli(beta2).addi(g.mul(g).muli(1 - beta2));
        INDArray denominator = Transforms.sqrt(v, true)
                .divi(Math.sqrt(1 - Math.pow(beta2, step)))
                .addi(epsilon);
        g.assign(m.div(denominator).muli(learningRate / (1 - Math.pow(beta1, step))));
    }
}
