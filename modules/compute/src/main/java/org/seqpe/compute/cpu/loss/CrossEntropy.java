package org.seqpe.compute.cpu.loss;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;
import static org.seqpe.compute.cpu.runtime.Lanes.readTail;
import static org.seqpe.compute.cpu.runtime.Lanes.writeTail;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.VectorMath;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostInts;
import org.seqpe.compute.host.HostTensor;

/** Softmax cross-entropy with its gradient in place, three passes over a row while it is in the cache. */
public final class CrossEntropy {
    private final CpuContext context;
    private final Workers.Task task = this::costRows;
    private ByteBuffer logits;
    private ByteBuffer loss;
    private HostInts labels;
    private float scale;
    private float smoothing;
    private float factor;
    private boolean gradient;
    private int rows;
    /** From a row to the next; the classes may be fewer. */
    private int rowBytes;

    private int classBytes;
    private int perTask;

    public CrossEntropy(CpuContext context) {
        this.context = context;
    }

    /** Computes {@link org.seqpe.compute.Device#crossEntropy}; the labels must be below V. */
    public void run(
            HostTensor logitMatrix,
            int classes,
            HostInts classNumbers,
            float logitScale,
            float labelSmoothing,
            boolean withGradient,
            float lossFactor,
            HostTensor losses) {
        logits = logitMatrix.bytes();
        labels = classNumbers;
        scale = logitScale;
        smoothing = labelSmoothing;
        gradient = withGradient;
        factor = lossFactor;
        loss = losses.bytes();
        rows = (int) logitMatrix.rows();
        rowBytes = (int) logitMatrix.columns() * Float.BYTES;
        classBytes = classes * Float.BYTES;
        perTask = Math.max(1, 4 * CpuContext.BLOCK / Math.max(1, (int) logitMatrix.columns()));
        context.workers.run(CpuContext.blocks(rows, perTask), task);
    }

    private void costRows(int index, int worker) {
        for (int row = index * perTask; row < Math.min(rows, (index + 1) * perTask); row++) {
            int label = labels.get(row);
            int from = row * rowBytes;
            float cost = 0;
            if (label >= 0) {
                cost = cost(from, from + label * Float.BYTES, context.spare[worker]);
            } else if (gradient) {
                Elementwise.fill(logits, from, from + rowBytes, 0);
            }
            if (gradient && classBytes < rowBytes) {
                Elementwise.fill(logits, from + classBytes, from + rowBytes, 0);
            }
            loss.putFloat(row * Float.BYTES, cost);
        }
    }

    private float cost(int from, int labelAt, float[] spare) {
        int to = from + classBytes;
        int classes = classBytes / Float.BYTES;
        float labelLogit = scale * logits.getFloat(labelAt);
        float max = max(logits, from, to, scale);
        float mean = smoothing == 0 ? 0 : scale * sum(logits, from, to, spare) / classes;
        float sum = exponentials(logits, from, to, scale, max, spare);
        if (gradient) {
            float slope = factor * scale;
            affine(logits, from, to, slope / sum, -slope * smoothing / classes);
            logits.putFloat(labelAt, logits.getFloat(labelAt) - slope * (1 - smoothing));
        }
        // Differences first: the logits may be large beside the loss.
        return (float) (Math.log(sum) + (1 - smoothing) * (max - labelLogit) + smoothing * (max - mean));
    }

    /** The largest of scale * x. */
    public static float max(ByteBuffer x, int from, int to, float scale) {
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            FloatVector values = fromByteBuffer(FLOATS, x, at, ORDER).mul(scale);
            max = max.blend(values, values.compare(VectorOperators.GT, max));
        }
        float result = max.reduceLanes(VectorOperators.MAX);
        for (; at < to; at += Float.BYTES) {
            result = Math.max(result, scale * x.getFloat(at));
        }
        return result;
    }

    private static float sum(ByteBuffer x, int from, int to, float[] spare) {
        FloatVector sums = FloatVector.zero(FLOATS);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            sums = sums.add(fromByteBuffer(FLOATS, x, at, ORDER));
        }
        if (at < to) {
            readTail(x, at, to, 0, spare);
            sums = sums.add(FloatVector.fromArray(FLOATS, spare, 0));
        }
        return sums.reduceLanes(VectorOperators.ADD);
    }

    /** Replaces x by e^(scale x - max) and returns the sum. */
    public static float exponentials(ByteBuffer x, int from, int to, float scale, float max, float[] spare) {
        FloatVector factor = FloatVector.broadcast(FLOATS, scale);
        FloatVector shift = FloatVector.broadcast(FLOATS, -max);
        FloatVector sums = FloatVector.zero(FLOATS);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            FloatVector e = VectorMath.exp(fromByteBuffer(FLOATS, x, at, ORDER).fma(factor, shift));
            sums = sums.add(e);
            e.intoByteBuffer(x, at, ORDER);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        if (at < to) {
            readTail(x, at, to, 0, spare);
            VectorMath.exp(FloatVector.fromArray(FLOATS, spare, 0).fma(factor, shift))
                    .intoArray(spare, 0);
            writeTail(spare, x, at, to);
            for (; at < to; at += Float.BYTES) {
                sum += x.getFloat(at);
            }
        }
        return sum;
    }

    /** x = a x + b. */
    private static void affine(ByteBuffer x, int from, int to, float a, float b) {
        FloatVector factor = FloatVector.broadcast(FLOATS, a);
        FloatVector shift = FloatVector.broadcast(FLOATS, b);
        int at = from;
        for (int end = from + Lanes.whole(to - from); at < end; at += Lanes.BYTES) {
            fromByteBuffer(FLOATS, x, at, ORDER).fma(factor, shift).intoByteBuffer(x, at, ORDER);
        }
        for (; at < to; at += Float.BYTES) {
            x.putFloat(at, Math.fma(x.getFloat(at), a, b));
        }
    }
}
