package org.seqpe.spark.train;

/**
 * What the driver does with the replicas' weighted mean at the end of a round (DiLoCo, arXiv 2311.08105: an optimizer on the outer
 * gradient start - mean). Plain averaging is learning rate 1 without momentum; it takes the mean as it is, because start - (start - mean)
 * is not bitwise the mean.
 */
public interface OuterOptimizer {

    /** Plain averaging. */
    OuterOptimizer AVERAGE = (offset, count, start, mean, next) -> System.arraycopy(mean, 0, next, 0, count);

    /**
     * The next parameters of elements {@code [offset, offset + count)}. Called once a round for each part of the vector, possibly by
     * several threads at once for different parts.
     *
     * @param offset place of the part in the whole vector
     * @param count  elements of the part, which lie at the start of each array
     * @param start  parameters that the round started from
     * @param mean   weighted mean of the replicas' parameters
     * @param next   receives the parameters that the next round starts from
     */
    void step(long offset, int count, float[] start, float[] mean, float[] next);
}
