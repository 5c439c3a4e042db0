package org.seqpe.compute.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.seqpe.compute.Ints;

/** Integers in direct host memory. */
public final class HostInts extends Ints {
    private final IntBuffer buffer;
    private int length;

    private HostInts(Ints parent, IntBuffer buffer, int length) {
        super(parent);
        this.buffer = buffer;
        this.length = length;
    }

    /** A new array of length 0. */
    static HostInts allocate(int capacity) {
        return new HostInts(
                null,
                ByteBuffer.allocateDirect(Math.multiplyExact(capacity, Integer.BYTES))
                        .order(ByteOrder.nativeOrder())
                        .asIntBuffer(),
                0);
    }

    /**
     * The array as host integers.
     *
     * @throws IllegalArgumentException if it lives elsewhere
     */
    public static HostInts of(Ints ints) {
        if (ints instanceof HostInts host) {
            return host;
        }
        throw new IllegalArgumentException("Cannot compute: expected integers in host memory, found " + ints);
    }

    @Override
    public int capacity() {
        return buffer.capacity();
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int get(int i) {
        return buffer.get(i);
    }

    /** The memory; one buffer serves all callers, so use its absolute accessors only. */
    public IntBuffer buffer() {
        return buffer;
    }

    @Override
    protected void store(int[] source, int from, int count) {
        buffer.put(0, source, from, count);
        length = count;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the view would leave this array
     */
    @Override
    public HostInts view(int offset, int count) {
        if (offset < 0 || count < 0 || offset > capacity() - count) {
            throw new IllegalArgumentException(
                    "Cannot view integers " + offset + " to " + (offset + (long) count) + " of " + capacity());
        }
        return new HostInts(this, buffer.slice(offset, count), count);
    }

    @Override
    public String toString() {
        return "Ints[" + length + " of " + capacity() + "]";
    }
}
