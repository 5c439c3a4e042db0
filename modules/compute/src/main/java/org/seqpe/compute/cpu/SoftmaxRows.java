package org.seqpe.compute.cpu;

import static org.seqpe.compute.cpu.Lanes.load;
import static org.seqpe.compute.cpu.Lanes.store;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.Dropout;

/**
 * One row of a tile of attention logits at a time. The tile is working memory whose rows are whole vectors long, so there are no
 * scalar tails: what lies beyond the {@code keys} a row sees is made -infinity, whose exponential is 0.
 */
final class SoftmaxRows {
    private SoftmaxRows() {
    }

    private static FloatVector hideBeyond(FloatVector logits, int keys, int first) {
        return logits.blend(Float.NEGATIVE_INFINITY, Lanes.INDEX.compare(VectorOperators.GE, keys - first));
    }

    /** Bytes of the vectors that the first {@code keys} elements touch. */
    private static int touched(int keys) {
        return Lanes.whole(keys * Float.BYTES + Lanes.BYTES - 1);
    }

    /**
     * Adds the position bias, hides what is not seen, and finds the largest logit.
     *
     * @param at       where the row begins
     * @param keys     how many keys of the tile the row sees, at least 1
     * @param slope    bias a position
     * @param distance position of the tile's first key less that of the query
     */
    static float biasAndMax(ByteBuffer tile, int at, int keys, float slope, int distance) {
        if (slope != 0) {
            bias(tile, at, keys, slope, distance);
        }
        int last = touched(keys) - Lanes.BYTES;
        FloatVector max = hideBeyond(load(tile, at + last), keys, last / Float.BYTES);
        store(max, tile, at + last);
        for (int i = 0; i < last; i += Lanes.BYTES) {
            FloatVector logits = load(tile, at + i);
            max = max.blend(logits, logits.compare(VectorOperators.GT, max));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static void bias(ByteBuffer tile, int at, int keys, float slope, int distance) {
        for (int i = 0; i < touched(keys); i += Lanes.BYTES) {
            FloatVector distances = Lanes.INDEX.add((float) (distance + i / Float.BYTES));
            store(distances.fma(Lanes.splat(slope), load(tile, at + i)), tile, at + i);
        }
    }

    /** Replaces the logits of the row by e^(logit - max), 0 for unseen keys up to {@code columns}, and returns their sum. */
    static float exponentials(ByteBuffer tile, int at, int keys, int columns, float max) {
        int end = touched(keys);
        FloatVector sum = Lanes.zero();
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector e = VectorMath.exp(load(tile, at + i).sub(max));
            sum = sum.add(e);
            store(e, tile, at + i);
        }
        clear(tile, at, end, columns);
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /** Zeros from byte {@code from} of the row to the end of its {@code columns}. */
    private static void clear(ByteBuffer tile, int at, int from, int columns) {
        for (int i = from; i < columns * Float.BYTES; i += Lanes.BYTES) {
            store(Lanes.zero(), tile, at + i);
        }
    }

    /**
     * The backward of one row: from logits and the gradient of the attention weights to the weights after dropout and the gradient of
     * the logits (before their scale).
     *
     * @param logits    row of logits (bias not yet added), replaced by drop(softmax)
     * @param gradient  row of d loss / d weight, replaced by d loss / d logit
     * @param logSumExp of the row's logits
     * @param delta     sum over the keys of weight * gradient, dropout included
     */
    static void backward(ByteBuffer logits, int at, ByteBuffer gradient, int gradientAt, int keys, int columns, float slope, int distance,
                         float logSumExp, float delta) {
        if (slope != 0) {
            bias(logits, at, keys, slope, distance);
        }
        int end = touched(keys);
        int last = end - Lanes.BYTES;
        store(hideBeyond(load(logits, at + last), keys, last / Float.BYTES), logits, at + last);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector p = VectorMath.exp(load(logits, at + i).sub(logSumExp));
            store(p, logits, at + i);
            store(load(gradient, gradientAt + i).sub(delta).mul(p), gradient, gradientAt + i);
        }
        clear(logits, at, end, columns);
        clear(gradient, gradientAt, end, columns);
    }

    /** {@link #backward} where weights were dropped. */
    static void backwardDropped(ByteBuffer logits, int at, ByteBuffer gradient, int gradientAt, int keys, int columns, float slope, int distance,
                                float logSumExp, float delta, int rowHash, float rate, int firstKey) {
        if (slope != 0) {
            bias(logits, at, keys, slope, distance);
        }
        int threshold = Dropout.threshold(rate);
        float keep = Dropout.keepScale(rate);
        int end = touched(keys);
        int last = end - Lanes.BYTES;
        store(hideBeyond(load(logits, at + last), keys, last / Float.BYTES), logits, at + last);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            int column = firstKey + i / Float.BYTES;
            FloatVector p = VectorMath.exp(load(logits, at + i).sub(logSumExp));
            FloatVector dP = Mask.drop(load(gradient, gradientAt + i).mul(keep), rowHash, column, threshold);
            store(Mask.drop(p.mul(keep), rowHash, column, threshold), logits, at + i);
            store(dP.sub(delta).mul(p), gradient, gradientAt + i);
        }
        clear(logits, at, end, columns);
        clear(gradient, gradientAt, end, columns);
    }
}
