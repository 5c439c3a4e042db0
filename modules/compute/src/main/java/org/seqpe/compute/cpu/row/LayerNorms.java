package org.seqpe.compute.cpu.row;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostTensor;

/** Layer norm, forward and backward. */
public final class LayerNorms {
    /** Rows of a task. */
    private static final int ROWS = 64;

    private final CpuContext context;
    private final Workers.Task forward = this::forwardRows;
    private final Workers.Task backward = this::backwardRows;
    private final Workers.Task combine = this::combineColumns;
    private ByteBuffer x;
    private ByteBuffer weight;
    private ByteBuffer bias;
    private ByteBuffer mean;
    private ByteBuffer rstd;
    private ByteBuffer out;
    private Precision outPrecision;
    private ByteBuffer dOut;
    private ByteBuffer dWeight;
    private ByteBuffer dBias;
    private ByteBuffer partials;
    private boolean accumulate;
    private float epsilon;
    private int rows;
    private int rowBytes;
    private int tasks;

    public LayerNorms(CpuContext context) {
        this.context = context;
    }

    /** Computes {@link org.seqpe.compute.Device#layerNorm}. */
    public void forward(
            HostTensor source,
            HostTensor scale,
            HostTensor shift,
            float variancePlus,
            HostTensor target,
            HostTensor means,
            HostTensor rstds) {
        x = source.bytes();
        weight = scale.bytes();
        bias = shift.bytes();
        epsilon = variancePlus;
        out = target.bytes();
        outPrecision = target.precision();
        mean = means.bytes();
        rstd = rstds.bytes();
        size(source);
        if (outPrecision != Precision.FLOAT32) {
            for (Scratch tile : context.tiles) {
                tile.reserve(source.columns());
            }
        }
        context.workers.run(tasks, forward);
    }

    /** Computes {@link org.seqpe.compute.Device#layerNormBackward}. */
    public void backward(
            HostTensor upstream,
            HostTensor source,
            HostTensor scale,
            HostTensor means,
            HostTensor rstds,
            HostTensor dX,
            boolean accumulateX,
            HostTensor dScale,
            HostTensor dShift) {
        dOut = upstream.bytes();
        x = source.bytes();
        weight = scale.bytes();
        mean = means.bytes();
        rstd = rstds.bytes();
        out = dX.bytes();
        accumulate = accumulateX;
        dWeight = dScale.bytes();
        dBias = dShift.bytes();
        size(source);
        // Each task sums its rows' contributions to dWeight and dBias into two rows of its own.
        context.partials.reserve(2L * tasks * source.columns());
        partials = context.partials.bytes();
        context.workers.run(tasks, backward);
        context.workers.run(2, combine);
    }

    private void size(HostTensor source) {
        rows = (int) source.rows();
        rowBytes = (int) source.columns() * Float.BYTES;
        tasks = CpuContext.blocks(rows, ROWS);
    }

    private void forwardRows(int task, int worker) {
        for (int row = task * ROWS; row < Math.min(rows, (task + 1) * ROWS); row++) {
            int at = row * rowBytes;
            float average = sum(x, at, at + rowBytes) * Float.BYTES / rowBytes;
            float variance = squaredDeviations(x, at, at + rowBytes, average) * Float.BYTES / rowBytes;
            float inverse = (float) (1 / Math.sqrt(variance + epsilon));
            mean.putFloat(row * Float.BYTES, average);
            rstd.putFloat(row * Float.BYTES, inverse);
            if (outPrecision == Precision.FLOAT32) {
                normalize(x, at, rowBytes, average, inverse, weight, bias, out, at);
            } else {
                ByteBuffer normalized = context.tiles[worker].bytes();
                normalize(x, at, rowBytes, average, inverse, weight, bias, normalized, 0);
                int columns = rowBytes / Float.BYTES;
                Rounding.round(normalized, 0, out, row * columns * Short.BYTES, columns);
            }
        }
    }

    private void backwardRows(int task, int worker) {
        int sums = 2 * task * rowBytes;
        Elementwise.fill(partials, sums, sums + 2 * rowBytes, 0);
        for (int row = task * ROWS; row < Math.min(rows, (task + 1) * ROWS); row++) {
            backwardRow(
                    dOut,
                    x,
                    row * rowBytes,
                    rowBytes,
                    weight,
                    mean.getFloat(row * Float.BYTES),
                    rstd.getFloat(row * Float.BYTES),
                    out,
                    accumulate,
                    partials,
                    sums);
        }
    }

    /** Adds the tasks' sums in order: task 0 for dWeight, task 1 for dBias. */
    private void combineColumns(int which, int worker) {
        ByteBuffer target = which == 0 ? dWeight : dBias;
        ColumnSums.add(partials, which * rowBytes, 2 * rowBytes, tasks, target, 0, rowBytes);
    }

    private static float sum(ByteBuffer x, int from, int to) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        int at = from;
        for (; at + 2 * Lanes.BYTES <= to; at += 2 * Lanes.BYTES) {
            s0 = s0.add(fromByteBuffer(FLOATS, x, at, ORDER));
            s1 = s1.add(fromByteBuffer(FLOATS, x, at + Lanes.BYTES, ORDER));
        }
        float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
        for (; at < to; at += Float.BYTES) {
            sum += x.getFloat(at);
        }
        return sum;
    }

    private static float squaredDeviations(ByteBuffer x, int from, int to, float average) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        int at = from;
        for (; at + 2 * Lanes.BYTES <= to; at += 2 * Lanes.BYTES) {
            FloatVector d0 = fromByteBuffer(FLOATS, x, at, ORDER).sub(average);
            FloatVector d1 = fromByteBuffer(FLOATS, x, at + Lanes.BYTES, ORDER).sub(average);
            s0 = d0.fma(d0, s0);
            s1 = d1.fma(d1, s1);
        }
        float sum = s0.add(s1).reduceLanes(VectorOperators.ADD);
        for (; at < to; at += Float.BYTES) {
            float d = x.getFloat(at) - average;
            sum += d * d;
        }
        return sum;
    }

    private static void normalize(
            ByteBuffer x,
            int at,
            int bytes,
            float average,
            float inverse,
            ByteBuffer weight,
            ByteBuffer bias,
            ByteBuffer out,
            int outAt) {
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, at + i, ORDER)
                    .sub(average)
                    .mul(inverse)
                    .fma(fromByteBuffer(FLOATS, weight, i, ORDER), fromByteBuffer(FLOATS, bias, i, ORDER))
                    .intoByteBuffer(out, outAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            out.putFloat(
                    outAt + i,
                    Math.fma((x.getFloat(at + i) - average) * inverse, weight.getFloat(i), bias.getFloat(i)));
        }
    }

    /** With g = dOut weight and xhat the normalized row: dX = rstd (g - mean(g) - xhat mean(g xhat)). */
    private static void backwardRow(
            ByteBuffer dOut,
            ByteBuffer x,
            int at,
            int bytes,
            ByteBuffer weight,
            float average,
            float inverse,
            ByteBuffer dX,
            boolean accumulate,
            ByteBuffer partials,
            int sums) {
        FloatVector gs = FloatVector.zero(FLOATS);
        FloatVector gxs = FloatVector.zero(FLOATS);
        int end = Lanes.whole(bytes);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector upstream = fromByteBuffer(FLOATS, dOut, at + i, ORDER);
            FloatVector normalized =
                    fromByteBuffer(FLOATS, x, at + i, ORDER).sub(average).mul(inverse);
            FloatVector g = upstream.mul(fromByteBuffer(FLOATS, weight, i, ORDER));
            gs = gs.add(g);
            gxs = g.fma(normalized, gxs);
            upstream.fma(normalized, fromByteBuffer(FLOATS, partials, sums + i, ORDER))
                    .intoByteBuffer(partials, sums + i, ORDER);
            upstream.add(fromByteBuffer(FLOATS, partials, sums + bytes + i, ORDER))
                    .intoByteBuffer(partials, sums + bytes + i, ORDER);
        }
        float sumG = gs.reduceLanes(VectorOperators.ADD);
        float sumGx = gxs.reduceLanes(VectorOperators.ADD);
        for (int i = end; i < bytes; i += Float.BYTES) {
            float upstream = dOut.getFloat(at + i);
            float normalized = (x.getFloat(at + i) - average) * inverse;
            float g = upstream * weight.getFloat(i);
            sumG += g;
            sumGx += g * normalized;
            partials.putFloat(sums + i, partials.getFloat(sums + i) + upstream * normalized);
            partials.putFloat(sums + bytes + i, partials.getFloat(sums + bytes + i) + upstream);
        }
        float meanG = sumG * Float.BYTES / bytes;
        float meanGx = sumGx * Float.BYTES / bytes;
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector normalized =
                    fromByteBuffer(FLOATS, x, at + i, ORDER).sub(average).mul(inverse);
            FloatVector d = fromByteBuffer(FLOATS, dOut, at + i, ORDER)
                    .mul(fromByteBuffer(FLOATS, weight, i, ORDER))
                    .sub(meanG)
                    .sub(normalized.mul(meanGx))
                    .mul(inverse);
            (accumulate ? d.add(fromByteBuffer(FLOATS, dX, at + i, ORDER)) : d).intoByteBuffer(dX, at + i, ORDER);
        }
        for (int i = end; i < bytes; i += Float.BYTES) {
            float normalized = (x.getFloat(at + i) - average) * inverse;
            float d = (dOut.getFloat(at + i) * weight.getFloat(i) - meanG - normalized * meanGx) * inverse;
            dX.putFloat(at + i, accumulate ? d + dX.getFloat(at + i) : d);
        }
    }
}
