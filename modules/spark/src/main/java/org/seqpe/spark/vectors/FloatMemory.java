package org.seqpe.spark.vectors;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Bulk copies between a flat float32 vector in host memory and Java arrays. Offsets count elements. Bytes are in the
 * machine's order, which is little-endian on every processor that ND4J runs on.
 *
 * <p>With ND4J's CUDA backend this is the host's copy of a vector on the GPU, as it was when the object was made; what
 * is written comes to the GPU when ND4J next computes with the vector.
 */
public final class FloatMemory {
    private final INDArray vector;
    private final FloatPointer memory;
    private final long length;

    /**
     * The memory of a vector; null stands for a vector of length 0.
     *
     * @throws IllegalArgumentException unless it is a whole contiguous float32 buffer
     */
    public FloatMemory(INDArray vector) {
        this.vector = vector;
        if (vector == null || vector.isEmpty()) {
            memory = null;
            length = 0;
            return;
        }
        if (vector.dataType() != DataType.FLOAT
                || !vector.isVectorOrScalar()
                || vector.data().length() != vector.length()) {
            throw new IllegalArgumentException(
                    "Cannot copy a vector: expected a whole contiguous float32 buffer, found "
                            + vector.shapeInfoToString());
        }
        length = vector.length();
        bringToHost(vector);
        memory = new FloatPointer(vector.data().addressPointer()).capacity(length);
    }

    /**
     * One at a time, so that no copy from the GPU overwrites what another thread has written meanwhile. With ND4J's CPU
     * backend there is one copy only.
     */
    private static synchronized void bringToHost(INDArray vector) {
        Nd4j.getAffinityManager().ensureLocation(vector, AffinityManager.Location.HOST);
    }

    /** Records that the host's copy is the newer one. */
    private void written() {
        if (vector != null) {
            Nd4j.getAffinityManager().tagLocation(vector, AffinityManager.Location.HOST);
        }
    }

    /** Elements. */
    public long length() {
        return length;
    }

    public void read(long offset, int count, float[] target) {
        at(offset, count).get(target, 0, count);
    }

    public void write(long offset, int count, float[] source) {
        at(offset, count).put(source, 0, count);
        written();
    }

    /** Fills a direct buffer. */
    public void read(long offset, ByteBuffer target) {
        Pointer.memcpy(new BytePointer(target), at(offset, target.remaining() / Float.BYTES), target.remaining());
    }

    /** Copies the contents of a buffer, on the heap or direct. */
    public void write(long offset, ByteBuffer source) {
        FloatPointer target = at(offset, source.remaining() / Float.BYTES);
        if (source.isDirect()) {
            Pointer.memcpy(target, new BytePointer(source), source.remaining());
        } else {
            new BytePointer(target).put(source.array(), source.arrayOffset() + source.position(), source.remaining());
        }
        written();
    }

    /**
     * A part as a direct buffer in the machine's order, without a copy; at most 2 GB, and only as long as the vector
     * lives.
     */
    public ByteBuffer view(long offset, int count) {
        // A pointer of its own, because a buffer begins where its pointer's address is, and Spark wants buffers that
        // begin at 0.
        return new BytePointer(at(offset, count))
                .capacity((long) count * Float.BYTES)
                .asByteBuffer();
    }

    /** Copies everything to a vector of the same length. */
    public void copyTo(FloatMemory target) {
        if (target.length != length) {
            throw new IllegalStateException(
                    "Cannot copy a vector: expected length " + target.length + ", found " + length);
        }
        if (length > 0) {
            Pointer.memcpy(target.at(0, length), at(0, length), length * Float.BYTES);
            target.written();
        }
    }

    /**
     * A pointer whose address is that of element {@code offset} and whose position is 0. A pointer with a position
     * would not do: JavaCPP's memcpy takes the position for bytes, whatever the pointer's type.
     */
    private FloatPointer at(long offset, long count) {
        requireInside(offset, count);
        return memory.getPointer(offset);
    }

    private void requireInside(long offset, long count) {
        if (offset < 0 || offset + count > length) {
            throw new IndexOutOfBoundsException("Cannot reach elements " + offset + " to " + (offset + count) + " of "
                    + (vector == null ? "an empty vector" : vector.shapeInfoToString()));
        }
    }
}
