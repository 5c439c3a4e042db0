package org.seqpe.compute.cpu.attention;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.CachedAttention;
import org.seqpe.compute.Heads;
import org.seqpe.compute.cpu.row.Elementwise;
import org.seqpe.compute.cpu.row.HeadMath;
import org.seqpe.compute.cpu.runtime.CpuContext;
import org.seqpe.compute.cpu.runtime.HeadView;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.Scratch;
import org.seqpe.compute.cpu.runtime.Workers;
import org.seqpe.compute.host.HostInts;

/**
 * Attention of new rows to all rows of their samples in a cache. A task is a piece of the rows of a sample and a group
 * of its heads: rows are read once, so the memory's speed decides. The pieces depend on the lengths alone, and are
 * merged in their order, so the result has the same bits for any number of threads.
 */
public final class CachedAttentionKernel {
    /** Cached rows of a piece: enough work for a task, and pieces enough for all threads in a long text. */
    private static final int PIECE = 256;

    private final CpuContext context;
    private final int pieceRows;
    private final HeadView query = new HeadView();
    private final HeadView key = new HeadView();
    private final HeadView value = new HeadView();
    private final HeadView positionQuery = new HeadView();
    private final HeadView positionKey = new HeadView();
    private final HeadView keys = new HeadView();
    private final HeadView values = new HeadView();
    private final HeadView out = new HeadView();
    private final Scratch partials = new Scratch();
    private final Workers.Task piece = this::runPiece;
    private final Workers.Task merge = this::mergeHead;
    /** Per worker: the weights of a piece. */
    private final float[][] weights;

    private CachedAttention spec;
    private HostInts lengths;
    private int width;
    private int positionBytes;
    private int pieces;

    public CachedAttentionKernel(CpuContext context) {
        this(context, PIECE);
    }

    /** @param pieceRows cached rows of a task */
    public CachedAttentionKernel(CpuContext context, int pieceRows) {
        this.context = context;
        this.pieceRows = pieceRows;
        weights = new float[context.workers.threads()][pieceRows];
    }

    /** Computes {@link org.seqpe.compute.Device#cachedAttention}. */
    public void run(
            CachedAttention attention,
            HostInts rowsBefore,
            AttentionHeads fresh,
            Heads cachedKeys,
            Heads cachedValues,
            Heads positionKeys,
            Heads target) {
        spec = attention;
        lengths = rowsBefore;
        width = spec.width() * Float.BYTES;
        positionBytes = spec.positionWidth() * Float.BYTES;
        pieces = spec.longest() / pieceRows + 1;
        query.set(fresh.query());
        key.set(fresh.key());
        value.set(fresh.value());
        keys.set(cachedKeys);
        values.set(cachedValues);
        out.set(target);
        if (spec.hasPositions()) {
            positionQuery.set(fresh.positionQuery());
            positionKey.set(positionKeys);
        }
        keep();
        partials.reserve((long) spec.batch() * spec.heads() * pieces * (spec.width() + 2));
        context.workers.run(spec.batch() * spec.heads() * pieces, piece);
        context.workers.run(spec.batch() * spec.heads(), merge);
    }

    /** Writes the new rows into the cache. */
    private void keep() {
        for (int sample = 0; sample < spec.batch(); sample++) {
            int row = sample * spec.capacity() + lengths.get(sample);
            for (int head = 0; head < spec.heads(); head++) {
                keys.bytes.put(keys.at(row, head), key.bytes, key.at(sample, head), width);
                values.bytes.put(values.at(row, head), value.bytes, value.at(sample, head), width);
            }
        }
    }

    /** Where a piece leaves its largest logit, its sum of weights and its weighted values. */
    private int partial(int sampleAndHead, int number) {
        return (sampleAndHead * pieces + number) * (width + 2 * Float.BYTES);
    }

    private void runPiece(int task, int worker) {
        int number = task % pieces;
        int sampleAndHead = task / pieces;
        int sample = sampleAndHead / spec.heads();
        int head = sampleAndHead % spec.heads();
        int first = number * pieceRows;
        int count = Math.min(pieceRows, lengths.get(sample) + 1 - first);
        if (count <= 0) {
            return;
        }
        float[] p = weights[worker];
        float max = logits(sample, head, first, count, p);
        float sum = 0;
        for (int j = 0; j < count; j++) {
            p[j] = (float) Math.exp(p[j] - max);
            sum += p[j];
        }
        ByteBuffer target = partials.bytes();
        int at = partial(sampleAndHead, number);
        target.putFloat(at, max);
        target.putFloat(at + Float.BYTES, sum);
        mix(sample * spec.capacity() + first, head, count, p, target, at + 2 * Float.BYTES);
    }

    private float logits(int sample, int head, int first, int count, float[] p) {
        int length = lengths.get(sample);
        int row = sample * spec.capacity() + first;
        float slope = spec.slopes() == null ? 0 : spec.slopes()[head];
        int from = query.at(sample, head);
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
            float dot = HeadMath.dot(query.bytes, from, keys.bytes, keys.at(row + j, head), width);
            if (positionBytes > 0) {
                dot += spec.positionScale()
                        * HeadMath.dot(
                                positionQuery.bytes,
                                positionQuery.at(sample, head),
                                positionKey.bytes,
                                positionKey.at(first + j, head),
                                positionBytes);
            }
            p[j] = spec.scale() * dot + slope * (first + j - length);
            max = Math.max(max, p[j]);
        }
        return max;
    }

    /** Target = sum of p_j v_j, a vector's elements at a time, so that they stay in a register. */
    private void mix(int row, int head, int count, float[] p, ByteBuffer target, int to) {
        int i = 0;
        for (int end = Lanes.whole(width); i < end; i += Lanes.BYTES) {
            var sum = fromByteBuffer(FLOATS, values.bytes, values.at(row, head) + i, ORDER)
                    .mul(p[0]);
            for (int j = 1; j < count; j++) {
                sum = fromByteBuffer(FLOATS, values.bytes, values.at(row + j, head) + i, ORDER)
                        .fma(FloatVector.broadcast(FLOATS, p[j]), sum);
            }
            sum.intoByteBuffer(target, to + i, ORDER);
        }
        for (; i < width; i += Float.BYTES) {
            float sum = p[0] * values.bytes.getFloat(values.at(row, head) + i);
            for (int j = 1; j < count; j++) {
                sum = Math.fma(values.bytes.getFloat(values.at(row + j, head) + i), p[j], sum);
            }
            target.putFloat(to + i, sum);
        }
    }

    private void mergeHead(int sampleAndHead, int worker) {
        int sample = sampleAndHead / spec.heads();
        int head = sampleAndHead % spec.heads();
        ByteBuffer from = partials.bytes();
        int used = lengths.get(sample) / pieceRows + 1;
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < used; i++) {
            max = Math.max(max, from.getFloat(partial(sampleAndHead, i)));
        }
        float sum = 0;
        for (int i = 0; i < used; i++) {
            int at = partial(sampleAndHead, i);
            sum += (float) Math.exp(from.getFloat(at) - max) * from.getFloat(at + Float.BYTES);
        }
        int to = out.at(sample, head);
        Elementwise.fill(out.bytes, to, to + width, 0);
        for (int i = 0; i < used; i++) {
            int at = partial(sampleAndHead, i);
            float factor = (float) Math.exp(from.getFloat(at) - max) / sum;
            Elementwise.axpy(factor, from, at + 2 * Float.BYTES, out.bytes, to, width);
        }
    }
}
