package org.seqpe.core.io;

import java.util.List;

/**
 * A named array that is part of a flat vector, row-major.
 *
 * @param offset first element in the vector
 */
public record NamedArray(String name, long offset, List<Long> shape) {
    public NamedArray {
        shape = List.copyOf(shape);
    }

    /** The shape as an array. */
    public long[] extents() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Number of elements. */
    public long size() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
