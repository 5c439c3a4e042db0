package org.seqpe.compute.cpu.loss;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/** Adam's step in one pass, and the sum of squares for clipping. */
public final class OptimizerKernels {
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, Lanes.FLOATS.vectorShape());

    private final CpuContext context;
    private final Workers.Task squares = this::squareBlock;
    private final Workers.Task adam = this::adamBlock;
    private ByteBuffer gradient;
    private ByteBuffer first;
    private ByteBuffer second;
    private double[] sums = new double[0];
    private float keepFirst;
    private float takeFirst;
    private float keepSecond;
    private float takeSecond;
    private float rate;
    private float correction;
    private float epsilon;

    public OptimizerKernels(CpuContext context) {
        this.context = context;
    }

    /** Computes {@link org.seqpe.compute.Device#sumOfSquares}. */
    public double sumOfSquares(HostTensor x) {
        gradient = x.bytes();
        int blocks = CpuContext.blocks(x.size(), CpuContext.BLOCK);
        if (sums.length < blocks) {
            sums = new double[blocks];
        }
        context.workers.run(blocks, squares);
        double sum = 0;
        for (int i = 0; i < blocks; i++) {
            sum += sums[i];
        }
        return sum;
    }

    /** Computes {@link org.seqpe.compute.Device#adam}. */
    public void adam(
            HostTensor gradients,
            HostTensor firstMoment,
            HostTensor secondMoment,
            double learningRate,
            double beta1,
            double beta2,
            double plus,
            long step) {
        gradient = gradients.bytes();
        first = firstMoment.bytes();
        second = secondMoment.bytes();
        keepFirst = (float) beta1;
        takeFirst = (float) (1 - beta1);
        keepSecond = (float) beta2;
        takeSecond = (float) (1 - beta2);
        rate = (float) (learningRate / (1 - Math.pow(beta1, step)));
        correction = (float) (1 / Math.sqrt(1 - Math.pow(beta2, step)));
        epsilon = (float) plus;
        context.workers.run(CpuContext.blocks(gradients.size(), CpuContext.BLOCK), adam);
    }

    private int end(int block) {
        return (int) Math.min(gradient.capacity(), (block + 1L) * CpuContext.BLOCK * Float.BYTES);
    }

    private void squareBlock(int block, int worker) {
        sums[block] = squares(gradient, block * CpuContext.BLOCK * Float.BYTES, end(block));
    }

    private void adamBlock(int block, int worker) {
        int at = block * CpuContext.BLOCK * Float.BYTES;
        int end = end(block);
        int vectors = at + Lanes.whole(end - at);
        adam(
                gradient,
                first,
                second,
                at,
                vectors,
                keepFirst,
                takeFirst,
                keepSecond,
                takeSecond,
                rate,
                correction,
                epsilon);
        for (int i = vectors; i < end; i += Float.BYTES) {
            float g = gradient.getFloat(i);
            float m = Math.fma(first.getFloat(i), keepFirst, g * takeFirst);
            float v = Math.fma(second.getFloat(i), keepSecond, g * g * takeSecond);
            first.putFloat(i, m);
            second.putFloat(i, v);
            gradient.putFloat(i, m * rate / Math.fma((float) Math.sqrt(v), correction, epsilon));
        }
    }

    private static double squares(ByteBuffer x, int from, int to) {
        DoubleVector low = DoubleVector.zero(DOUBLES);
        DoubleVector high = DoubleVector.zero(DOUBLES);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            FloatVector values = fromByteBuffer(FLOATS, x, at, ORDER);
            DoubleVector a = (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, 0);
            DoubleVector b = (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, 1);
            low = a.fma(a, low);
            high = b.fma(b, high);
        }
        double sum = low.add(high).reduceLanes(VectorOperators.ADD);
        for (; at < to; at += Float.BYTES) {
            sum += (double) x.getFloat(at) * x.getFloat(at);
        }
        return sum;
    }

    private static void adam(
            ByteBuffer gradient,
            ByteBuffer first,
            ByteBuffer second,
            int from,
            int to,
            float keepFirst,
            float takeFirst,
            float keepSecond,
            float takeSecond,
            float rate,
            float correction,
            float epsilon) {
        for (int at = from; at < to; at += Lanes.BYTES) {
            FloatVector g = fromByteBuffer(FLOATS, gradient, at, ORDER);
            FloatVector m = fromByteBuffer(FLOATS, first, at, ORDER)
                    .fma(FloatVector.broadcast(FLOATS, keepFirst), g.mul(takeFirst));
            FloatVector v = fromByteBuffer(FLOATS, second, at, ORDER)
                    .fma(FloatVector.broadcast(FLOATS, keepSecond), g.mul(g).mul(takeSecond));
            m.intoByteBuffer(first, at, ORDER);
            v.intoByteBuffer(second, at, ORDER);
            m.mul(rate)
                    .div(v.lanewise(VectorOperators.SQRT)
                            .fma(FloatVector.broadcast(FLOATS, correction), FloatVector.broadcast(FLOATS, epsilon)))
                    .intoByteBuffer(gradient, at, ORDER);
        }
    }
}
