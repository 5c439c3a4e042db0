package org.seqpe.compute.cpu.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape of all kernels. Buffer positions are counted in bytes.
 *
 * <p>Loops call the Vector API itself, not helpers of ours, for loads, stores and the vectors they start with: the
 * compiler always inlines the API, but our methods only where they have run often and only up to a limit of code, and a
 * vector that comes out of a call makes the loop allocate an object in every round. {@link VectorMath} is called early
 * in its loops, before that limit.
 */
public final class Lanes {
    public static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    /** As many numbers of half the size. */
    public static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    /** Elements of a vector. */
    public static final int COUNT = FLOATS.length();
    /** Bytes of a vector. */
    public static final int BYTES = COUNT * Float.BYTES;
    /** 0, 1, 2, ... */
    public static final FloatVector INDEX = FloatVector.zero(FLOATS).addIndex(1);

    public static final IntVector INT_INDEX = IntVector.zero(INTS).addIndex(1);
    public static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Lanes() {}

    /** The bytes of the whole vectors in a row of {@code bytes}; the rest is the scalar tail. */
    public static int whole(int bytes) {
        return bytes & -BYTES;
    }

    /**
     * Reads the last elements of a row, fewer than a vector, into working memory of a vector's length, with
     * {@code fill} beyond them. The caller makes the vector itself: one that came out of this call would be an object
     * on the heap.
     */
    public static void readTail(ByteBuffer buffer, int at, int end, float fill, float[] spare) {
        int i = 0;
        for (; at < end; at += Float.BYTES) {
            spare[i++] = buffer.getFloat(at);
        }
        while (i < COUNT) {
            spare[i++] = fill;
        }
    }

    /** Writes the first elements of working memory, as many as the bytes from {@code at} to {@code end} hold. */
    public static void writeTail(float[] spare, ByteBuffer buffer, int at, int end) {
        for (int i = 0; at < end; at += Float.BYTES) {
            buffer.putFloat(at, spare[i++]);
        }
    }
}
