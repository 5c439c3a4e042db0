package org.seqpe.compute.cuda.runtime;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.seqpe.compute.Ints;

/** Integers in the memory of a GPU, with a copy on the host. */
public final class CudaInts extends Ints {
    private final CudaRuntime runtime;
    private final DeviceMemory.Block block;
    /** The host's copy of the whole allocation. */
    private final int[] values;
    /** How often any part of the allocation was uploaded; one counter for an array and its views. */
    private final long[] uploads;

    private final int offset;
    private final int capacity;
    private int length;
    private Object plan;
    private Object planKey;
    private long planUploads = -1;

    private CudaInts(
            Ints parent,
            CudaRuntime runtime,
            DeviceMemory.Block block,
            int[] values,
            long[] uploads,
            int offset,
            int capacity) {
        super(parent);
        this.runtime = runtime;
        this.block = block;
        this.values = values;
        this.uploads = uploads;
        this.offset = offset;
        this.capacity = capacity;
    }

    /** A new array of length 0. */
    public static CudaInts allocate(CudaRuntime runtime, int capacity) {
        DeviceMemory.Block block = runtime.memory().allocate(Math.multiplyExact((long) capacity, Integer.BYTES));
        return new CudaInts(null, runtime, block, new int[capacity], new long[1], 0, capacity);
    }

    /**
     * The array as one of a CUDA device.
     *
     * @throws IllegalArgumentException if it lives elsewhere
     */
    public static CudaInts of(Ints ints) {
        if (ints instanceof CudaInts cuda) {
            return cuda;
        }
        throw new IllegalArgumentException("Cannot compute: expected integers on a GPU, found " + ints);
    }

    /** The address of the first value. */
    long address() {
        return block.address() + (long) offset * Integer.BYTES;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int get(int i) {
        return values[offset + Objects.checkIndex(i, capacity)];
    }

    /** The host's copy; value i of this array stands at {@link #offset} + i. */
    public int[] values() {
        return values;
    }

    public int offset() {
        return offset;
    }

    /** Changes with every upload to any part of the allocation. */
    public long uploads() {
        return uploads[0];
    }

    /**
     * What the host has made of these values for kernels that follow lists. It is kept until the values or the key
     * change.
     *
     * @param key what else it depends on
     * @param maker makes it, in the place of the last one or of null
     * @param <T> one type for each array
     */
    @SuppressWarnings("unchecked")
    public <T> T plan(Object key, UnaryOperator<T> maker) {
        if (planUploads != uploads[0] || !key.equals(planKey)) {
            plan = maker.apply((T) plan);
            planKey = key;
            planUploads = uploads[0];
        }
        return (T) plan;
    }

    @Override
    protected void store(int[] source, int from, int count) {
        System.arraycopy(source, from, values, offset, count);
        length = count;
        uploads[0]++;
        runtime.staging().upload(address(), count, Integer.BYTES, (buffer, first, part) -> buffer.asIntBuffer()
                .put(source, from + first, part));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the view would leave this array
     */
    @Override
    public CudaInts view(int viewOffset, int count) {
        if (viewOffset < 0 || count < 0 || viewOffset > capacity - count) {
            throw new IllegalArgumentException(
                    "Cannot view integers " + viewOffset + " to " + (viewOffset + (long) count) + " of " + capacity);
        }
        CudaInts view = new CudaInts(this, runtime, block, values, uploads, offset + viewOffset, count);
        view.length = count;
        return view;
    }

    @Override
    public String toString() {
        return "Ints[" + length + " of " + capacity + "]";
    }
}
