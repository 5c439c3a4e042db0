package org.seqpe.compute;

import java.util.Arrays;

/**
 * A dense, contiguous, row-major array that lives on one {@link Device}. Nothing may be assumed about where its memory
 * is: values cross to the host only through {@link #upload} and {@link #download}, and only {@code download} waits for
 * kernels.
 */
public abstract class Tensor {
    private final long[] shape;
    private final long size;

    protected Tensor(long... shape) {
        this.shape = shape.clone();
        this.size = sizeOf(shape);
    }

    /** The number of elements of an array of this shape; 1 for no dimensions. */
    public static long sizeOf(long... shape) {
        long size = 1;
        for (long extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException(
                        "Cannot make a tensor: expected extents of 0 or more, found " + Arrays.toString(shape));
            }
            size = Math.multiplyExact(size, extent);
        }
        return size;
    }

    /** The extents, outermost first. */
    public final long[] shape() {
        return shape.clone();
    }

    /** The extent of one dimension, counted from the outermost. */
    public final long extent(int dimension) {
        return shape[dimension];
    }

    /** The number of elements. */
    public final long size() {
        return size;
    }

    /** The rows of this tensor seen as a matrix [size / columns, columns], columns being the innermost extent. */
    public final long rows() {
        return size == 0 ? 0 : size / columns();
    }

    /** The innermost extent. */
    public final long columns() {
        return shape.length == 0 ? 1 : shape[shape.length - 1];
    }

    /** How its numbers are stored. Values cross to the host as float32, whatever this is. */
    public Precision precision() {
        return Precision.FLOAT32;
    }

    /** The device whose kernels may read and write this tensor. */
    public abstract Device device();

    /**
     * A tensor over part of the same memory.
     *
     * @param offset the first element, counted in elements from the start of this tensor
     * @throws IllegalArgumentException if the view would leave this tensor
     */
    public abstract Tensor view(long offset, long... shape);

    /** Copies {@code count} values from {@code source[from..]} to the elements {@code [offset, offset + count)}. */
    public abstract void upload(long offset, float[] source, int from, int count);

    /**
     * Waits for the kernels that write this tensor and copies {@code count} elements from {@code offset} to
     * {@code target[to..]}.
     */
    public abstract void download(long offset, float[] target, int to, int count);

    /** Fills the whole tensor from an array of exactly {@link #size()} values. */
    public final void upload(float... source) {
        requireSize(source.length);
        upload(0, source, 0, source.length);
    }

    /** The whole tensor as a new array. */
    public final float[] toArray() {
        float[] values = new float[Math.toIntExact(size)];
        download(0, values, 0, values.length);
        return values;
    }

    /** The same memory under another shape of the same size. */
    public final Tensor reshape(long... newShape) {
        if (sizeOf(newShape) != size) {
            throw new IllegalArgumentException("Cannot reshape a tensor: expected " + size + " elements, found shape "
                    + Arrays.toString(newShape));
        }
        return view(0, newShape);
    }

    /** The first {@code count} rows of this tensor seen as a matrix. */
    public final Tensor firstRows(long count) {
        return view(0, count, columns());
    }

    /** {@code count} rows of this tensor seen as a matrix, from row {@code first} on. */
    public final Tensor rows(long first, long count) {
        return view(first * columns(), count, columns());
    }

    /** What follows the first {@code offset} elements, as a vector: where a strided operand begins. */
    public final Tensor from(long offset) {
        return offset == 0 ? this : view(offset, size - offset);
    }

    protected final void requireInside(long offset, long count) {
        if (offset < 0 || count < 0 || offset + count > size) {
            throw new IllegalArgumentException("Cannot reach elements " + offset + " to " + (offset + count)
                    + " of a tensor of " + size + " elements " + Arrays.toString(shape));
        }
    }

    private void requireSize(long count) {
        if (count != size) {
            throw new IllegalArgumentException("Cannot fill a tensor: expected " + size + " values, found " + count);
        }
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape) + " on " + device().name();
    }
}
