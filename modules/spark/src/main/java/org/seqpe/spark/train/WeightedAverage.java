package org.seqpe.spark.train;

/**
 * The weighted mean of vectors: {@code sum(weight_i * x_i) / sum(weight_i)}, accumulated in double precision. An average of nothing is
 * the identity of {@link #merge}. The mean of one vector is bitwise that vector: rounding twice in double precision moves a float by far
 * less than half the distance to its neighbours.
 */
public final class WeightedAverage {
    private double[] sum;
    private double weight;

    /**
     * Adds one vector.
     *
     * @param vectorWeight greater than 0, such as the tokens it was trained on
     * @param values       the vector; elements from {@code length} on are ignored
     * @throws IllegalArgumentException if the weight is not positive, or the length differs from that of earlier vectors
     */
    public WeightedAverage add(double vectorWeight, float[] values, int length) {
        if (!(vectorWeight > 0)) {
            throw new IllegalArgumentException("Cannot average parameters: expected a weight above 0, found " + vectorWeight);
        }
        if (sum == null) {
            // The first vector is assigned, not added to zeros, which would lose the sign of -0.0.
            sum = new double[length];
            for (int i = 0; i < length; i++) {
                sum[i] = vectorWeight * values[i];
            }
        } else {
            requireLength(length);
            for (int i = 0; i < length; i++) {
                sum[i] += vectorWeight * values[i];
            }
        }
        weight += vectorWeight;
        return this;
    }

    /** Adds what another average has seen, as if after what this one has seen; the other is left unchanged. */
    public WeightedAverage merge(WeightedAverage other) {
        if (other.sum == null) {
            return this;
        }
        if (sum == null) {
            sum = other.sum.clone();
        } else {
            requireLength(other.sum.length);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += other.sum[i];
            }
        }
        weight += other.weight;
        return this;
    }

    /** The sum of the weights. */
    public double weight() {
        return weight;
    }

    /**
     * Writes the mean to the start of {@code target}.
     *
     * @throws IllegalStateException if nothing was added
     */
    public void result(float[] target) {
        if (sum == null) {
            throw new IllegalStateException("Cannot average parameters: expected at least one replica, found none");
        }
        for (int i = 0; i < sum.length; i++) {
            target[i] = (float) (sum[i] / weight);
        }
    }

    private void requireLength(int length) {
        if (length != sum.length) {
            throw new IllegalArgumentException("Cannot average parameters: expected length " + sum.length + ", found " + length);
        }
    }
}
