package org.seqpe.compute.cpu.attention;

import static jdk.incubator.vector.FloatVector.fromByteBuffer;
import static org.seqpe.compute.cpu.runtime.Lanes.FLOATS;
import static org.seqpe.compute.cpu.runtime.Lanes.ORDER;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.seqpe.compute.cpu.row.Mask;
import org.seqpe.compute.cpu.runtime.Lanes;
import org.seqpe.compute.cpu.runtime.VectorMath;

/**
 * One row of a tile of attention logits at a time. The tile is working memory whose rows are whole vectors long, so
 * there are no scalar tails: what lies beyond the {@code keys} a row sees is made -infinity, whose exponential is 0.
 */
final class SoftmaxRows {
    private SoftmaxRows() {}

    /** Makes the elements beyond {@code keys} in the last vector -infinity. */
    private static void hideBeyond(ByteBuffer tile, int at, int keys) {
        for (int i = keys * Float.BYTES; i < touched(keys); i += Float.BYTES) {
            tile.putFloat(at + i, Float.NEGATIVE_INFINITY);
        }
    }

    /** Bytes of the vectors that the first {@code keys} elements touch. */
    private static int touched(int keys) {
        return Lanes.whole(keys * Float.BYTES + Lanes.BYTES - 1);
    }

    /**
     * Adds the position bias, hides what is not seen, and finds the largest logit.
     *
     * @param at where the row begins
     * @param keys how many keys of the tile the row sees, at least 1
     * @param slope bias a position
     * @param distance position of the tile's first key less that of the query
     */
    public static float biasAndMax(ByteBuffer tile, int at, int keys, float slope, int distance) {
        if (slope != 0) {
            bias(tile, at, keys, slope, distance);
        }
        hideBeyond(tile, at, keys);
        int end = touched(keys);
        FloatVector max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector logits = fromByteBuffer(FLOATS, tile, at + i, ORDER);
            max = max.blend(logits, logits.compare(VectorOperators.GT, max));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static void bias(ByteBuffer tile, int at, int keys, float slope, int distance) {
        for (int i = 0; i < touched(keys); i += Lanes.BYTES) {
            FloatVector distances = Lanes.INDEX.add((float) (distance + i / Float.BYTES));
            distances
                    .fma(FloatVector.broadcast(FLOATS, slope), fromByteBuffer(FLOATS, tile, at + i, ORDER))
                    .intoByteBuffer(tile, at + i, ORDER);
        }
    }

    /**
     * Replaces the logits of the row by e^(logit - max), 0 for unseen keys up to {@code columns}, and returns their
     * sum.
     */
    public static float exponentials(ByteBuffer tile, int at, int keys, int columns, float max) {
        int end = touched(keys);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            FloatVector e =
                    VectorMath.exp(fromByteBuffer(FLOATS, tile, at + i, ORDER).sub(max));
            sum = sum.add(e);
            e.intoByteBuffer(tile, at + i, ORDER);
        }
        clear(tile, at, end, columns);
        return sum.reduceLanes(VectorOperators.ADD);
    }

    /** Zeros from byte {@code from} of the row to the end of its {@code columns}. */
    private static void clear(ByteBuffer tile, int at, int from, int columns) {
        for (int i = from; i < columns * Float.BYTES; i += Lanes.BYTES) {
            FloatVector.zero(FLOATS).intoByteBuffer(tile, at + i, ORDER);
        }
    }

    /**
     * The backward of one row: from logits and the gradient of the attention weights to the weights after dropout and
     * the gradient of the logits (before their scale).
     *
     * @param logits row of logits (bias not yet added), replaced by drop(softmax)
     * @param gradient row of d loss / d weight, replaced by d loss / d logit
     * @param logSumExp of the row's logits
     * @param delta sum over the keys of weight * gradient, dropout included
     */
    public static void backward(
            ByteBuffer logits,
            int at,
            ByteBuffer gradient,
            int gradientAt,
            int keys,
            int columns,
            float slope,
            int distance,
            float logSumExp,
            float delta) {
        if (slope != 0) {
            bias(logits, at, keys, slope, distance);
        }
        weights(logits, at, keys, columns, logSumExp);
        logitGradients(logits, at, gradient, gradientAt, keys, columns, delta);
    }

    /** {@link #backward} where weights were dropped, by the mask of this row from column {@code firstKey} on. */
    public static void backwardDropped(
            ByteBuffer logits,
            int at,
            ByteBuffer gradient,
            int gradientAt,
            int keys,
            int columns,
            float slope,
            int distance,
            float logSumExp,
            float delta,
            int rowHash,
            float rate,
            int firstKey) {
        Mask.apply(rowHash, rate, firstKey, gradient, gradientAt, gradient, gradientAt, columns * Float.BYTES);
        backward(logits, at, gradient, gradientAt, keys, columns, slope, distance, logSumExp, delta);
        Mask.apply(rowHash, rate, firstKey, logits, at, logits, at, columns * Float.BYTES);
    }

    private static void weights(ByteBuffer logits, int at, int keys, int columns, float logSumExp) {
        hideBeyond(logits, at, keys);
        int end = touched(keys);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            VectorMath.exp(fromByteBuffer(FLOATS, logits, at + i, ORDER).sub(logSumExp))
                    .intoByteBuffer(logits, at + i, ORDER);
        }
        clear(logits, at, end, columns);
    }

    private static void logitGradients(
            ByteBuffer weights, int at, ByteBuffer gradient, int gradientAt, int keys, int columns, float delta) {
        int end = touched(keys);
        for (int i = 0; i < end; i += Lanes.BYTES) {
            fromByteBuffer(FLOATS, gradient, gradientAt + i, ORDER)
                    .sub(delta)
                    .mul(fromByteBuffer(FLOATS, weights, at + i, ORDER))
                    .intoByteBuffer(gradient, gradientAt + i, ORDER);
        }
        clear(gradient, gradientAt, end, columns);
    }
}
