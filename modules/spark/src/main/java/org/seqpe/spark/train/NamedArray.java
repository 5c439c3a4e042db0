package org.seqpe.spark.train;

import java.util.List;

/**
 * A named part of the flat parameter vector.
 *
 * @param offset first element in the vector
 */
public record NamedArray(String name, long offset, List<Long> shape) {
    public NamedArray {
        shape = List.copyOf(shape);
    }

    /** The shape as an array. */
    long[] extents() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
