package org.seqpe.compute.cpu.attention;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.HeadMath;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostInts;
import org.seqpe.compute.host.HostTensor;

/**
 * Attention of rows that name the few rows they see, forward (tasks own rows) and backward (tasks own heads, and meet
 * the rows in order).
 */
public final class ListAttentionKernel {
    private final CpuContext context;
    private final HeadView query = new HeadView();
    private final HeadView key = new HeadView();
    private final HeadView value = new HeadView();
    private final HeadView out = new HeadView();
    private final HeadView dOut = new HeadView();
    private final HeadView dQuery = new HeadView();
    private final HeadView dKey = new HeadView();
    private final HeadView dValue = new HeadView();
    private final Workers.Task forward = this::forwardRows;
    private final Workers.Task backward = this::backwardHead;
    /** Per worker: the logits, weights or weight gradients of one list. */
    private final float[][] lists;

    private HostInts queries;
    private HostInts keys;
    private ByteBuffer weights;
    private int rows;
    private int sources;
    private int heads;
    private int width;
    private int slots;
    private float scale;
    private float rate;
    private long dropoutKey;
    private int perTask;

    public ListAttentionKernel(CpuContext context) {
        this.context = context;
        lists = new float[context.workers.threads()][0];
    }

    /** Computes {@link org.seqpe.compute.Device#listAttention}. */
    public void forward(
            ListAttention spec,
            HostInts asking,
            HostInts seen,
            AttentionHeads in,
            Heads target,
            HostTensor keptWeights) {
        set(spec, asking, seen);
        query.set(in.query());
        key.set(in.key());
        value.set(in.value());
        out.set(target);
        weights = keptWeights == null ? null : keptWeights.bytes();
        perTask = Math.max(1, CpuContext.BLOCK / (spec.heads() * spec.width()));
        context.workers.run(CpuContext.blocks(rows, perTask), forward);
    }

    /** Computes {@link org.seqpe.compute.Device#listAttentionBackward}. */
    public void backward(
            ListAttention spec,
            HostInts asking,
            HostInts seen,
            AttentionHeads in,
            HostTensor keptWeights,
            Heads dOuts,
            AttentionHeads gradients) {
        set(spec, asking, seen);
        query.set(in.query());
        key.set(in.key());
        value.set(in.value());
        sources = spec.sources();
        weights = keptWeights.bytes();
        dOut.set(dOuts);
        dQuery.set(gradients.query());
        dKey.set(gradients.key());
        dValue.set(gradients.value());
        context.workers.run(heads, backward);
    }

    private void set(ListAttention spec, HostInts asking, HostInts seen) {
        rows = spec.rows();
        heads = spec.heads();
        width = spec.width() * Float.BYTES;
        scale = spec.scale();
        queries = asking;
        keys = seen;
        slots = spec.slots();
        rate = spec.dropout();
        dropoutKey = spec.dropoutKey();
        for (int worker = 0; worker < lists.length; worker++) {
            if (lists[worker].length < slots) {
                lists[worker] = new float[slots];
            }
        }
    }

    private int length(int row) {
        int count = 0;
        while (count < slots && keys.get(row * slots + count) >= 0) {
            count++;
        }
        return count;
    }

    private float mask(int row, int head, int slot) {
        return rate == 0 ? 1 : Dropout.factor(rate, dropoutKey, (long) row * heads + head, slot);
    }

    private int weightAt(int row, int head) {
        return (row * heads + head) * slots * Float.BYTES;
    }

    private void forwardRows(int task, int worker) {
        for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            int count = length(row);
            for (int head = 0; head < heads; head++) {
                forward(row, head, count, lists[worker]);
            }
        }
    }

    private void forward(int row, int head, int count, float[] p) {
        float max = Float.NEGATIVE_INFINITY;
        for (int s = 0; s < count; s++) {
            p[s] = scale
                    * HeadMath.dot(
                            query.bytes,
                            query.at(queries.get(row), head),
                            key.bytes,
                            key.at(keys.get(row * slots + s), head),
                            width);
            max = Math.max(max, p[s]);
        }
        float sum = 0;
        for (int s = 0; s < count; s++) {
            p[s] = (float) Math.exp(p[s] - max);
            sum += p[s];
        }
        Arrays.fill(p, count, slots, 0);
        int to = out.at(row, head);
        Elementwise.fill(out.bytes, to, to + width, 0);
        for (int s = 0; s < slots; s++) {
            p[s] /= sum;
            if (weights != null) {
                weights.putFloat(weightAt(row, head) + s * Float.BYTES, p[s]);
            }
            if (s < count) {
                Elementwise.axpy(
                        p[s] * mask(row, head, s),
                        value.bytes,
                        value.at(keys.get(row * slots + s), head),
                        out.bytes,
                        to,
                        width);
            }
        }
    }

    private void backwardHead(int head, int worker) {
        for (int row = 0; row < sources; row++) {
            Elementwise.fill(dQuery.bytes, dQuery.at(row, head), dQuery.at(row, head) + width, 0);
            Elementwise.fill(dKey.bytes, dKey.at(row, head), dKey.at(row, head) + width, 0);
            Elementwise.fill(dValue.bytes, dValue.at(row, head), dValue.at(row, head) + width, 0);
        }
        for (int row = 0; row < rows; row++) {
            backward(row, head, length(row), lists[worker]);
        }
    }

    private void backward(int row, int head, int count, float[] dWeight) {
        int upstream = dOut.at(row, head);
        float delta = 0;
        for (int s = 0; s < count; s++) {
            int seen = keys.get(row * slots + s);
            float factor = mask(row, head, s);
            float p = weights.getFloat(weightAt(row, head) + s * Float.BYTES);
            dWeight[s] = factor * HeadMath.dot(dOut.bytes, upstream, value.bytes, value.at(seen, head), width);
            delta += p * dWeight[s];
            Elementwise.axpy(p * factor, dOut.bytes, upstream, dValue.bytes, dValue.at(seen, head), width);
        }
        for (int s = 0; s < count; s++) {
            int seen = keys.get(row * slots + s);
            float p = weights.getFloat(weightAt(row, head) + s * Float.BYTES);
            float dLogit = scale * p * (dWeight[s] - delta);
            addBoth(
                    dLogit,
                    key.bytes,
                    key.at(seen, head),
                    dQuery.bytes,
                    dQuery.at(queries.get(row), head),
                    query.bytes,
                    query.at(queries.get(row), head),
                    dKey.bytes,
                    dKey.at(seen, head),
                    width);
        }
    }

    /** dQ += alpha k and dK += alpha q. */
    private static void addBoth(
            float alpha,
            ByteBuffer k,
            int kAt,
            ByteBuffer dQ,
            int dQAt,
            ByteBuffer q,
            int qAt,
            ByteBuffer dK,
            int dKAt,
            int bytes) {
        FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
        int i = 0;
        for (int end = Lanes.whole(bytes); i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, k, kAt + i, ORDER)
                    .fma(factor, fromByteBuffer(FLOATS, dQ, dQAt + i, ORDER))
                    .intoByteBuffer(dQ, dQAt + i, ORDER);
            fromByteBuffer(FLOATS, q, qAt + i, ORDER)
                    .fma(factor, fromByteBuffer(FLOATS, dK, dKAt + i, ORDER))
                    .intoByteBuffer(dK, dKAt + i, ORDER);
        }
        for (; i < bytes; i += Float.BYTES) {
            dQ.putFloat(dQAt + i, Math.fma(alpha, k.getFloat(kAt + i), dQ.getFloat(dQAt + i)));
            dK.putFloat(dKAt + i, Math.fma(alpha, q.getFloat(qAt + i), dK.getFloat(dKAt + i)));
        }
    }
}
