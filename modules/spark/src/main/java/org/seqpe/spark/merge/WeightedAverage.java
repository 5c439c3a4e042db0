package org.seqpe.spark.merge;

import org.seqpe.compute.cpu.MergeLoops;

/**
 * The weighted mean of vectors: {@code sum(weight_i * x_i) / sum(weight_i)}, accumulated in double precision. The mean
 * of one vector is bitwise that vector: rounding twice in double precision moves a float by far less than half the
 * distance to its neighbours.
 */
public final class WeightedAverage {
    private static final MergeLoops LOOPS = MergeLoops.fastest();
    private double[] sum = {};
    private int length;
    private double weight;

    /** Forgets what was added, and keeps the memory. */
    public void clear() {
        weight = 0;
    }

    /**
     * Adds one vector.
     *
     * @param vectorWeight greater than 0, such as the tokens it was trained on
     * @param values the vector; elements from {@code count} on are ignored
     * @throws IllegalArgumentException if the weight is not positive, or the length differs from that of earlier
     *     vectors
     */
    public WeightedAverage add(double vectorWeight, float[] values, int count) {
        if (!(vectorWeight > 0)) {
            throw new IllegalArgumentException(
                    "Cannot average parameters: expected a weight above 0, found " + vectorWeight);
        }
        if (weight == 0) {
            start(count);
            // The first vector is assigned, not added to zeros, which would lose the sign of -0.0.
            LOOPS.setWeighted(vectorWeight, values, sum, count);
        } else {
            requireLength(count);
            LOOPS.addWeighted(vectorWeight, values, sum, count);
        }
        weight += vectorWeight;
        return this;
    }

    /**
     * Writes the mean to the start of {@code target}.
     *
     * @throws IllegalStateException if nothing was added
     */
    public void result(float[] target) {
        if (weight == 0) {
            throw new IllegalStateException("Cannot average parameters: expected at least one replica, found none");
        }
        LOOPS.divide(sum, weight, target, length);
    }

    private void start(int newLength) {
        length = newLength;
        if (sum.length < newLength) {
            sum = new double[newLength];
        }
    }

    private void requireLength(int found) {
        if (found != length) {
            throw new IllegalArgumentException(
                    "Cannot average parameters: expected length " + length + ", found " + found);
        }
    }
}
