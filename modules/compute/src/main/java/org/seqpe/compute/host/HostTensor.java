package org.seqpe.compute.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.seqpe.compute.Device;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Tensor;
import org.seqpe.core.UserException;

/**
 * A tensor in host memory: a stretch of an allocation, open to BLAS ({@link #pointer}) and to the Vector API
 * ({@link #bytes}).
 *
 * <p>Unless it is freed before, the memory lives as long as this tensor or one of its views, and no longer: code that
 * holds nothing but the pointer or the buffer must keep the tensor alive with
 * {@link java.lang.ref.Reference#reachabilityFence} until it is done with them.
 */
public final class HostTensor extends Tensor {
    /**
     * Most bytes of a buffer. Loops count bytes and step beyond the end, by 4096 at most: their counters must not wrap.
     */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 4096;

    private final Device device;
    private final HostMemory memory;
    /** First element, counted from the start of the memory. */
    private final long offset;
    /** Whether it is a whole allocation of this class, rather than a view or another's memory. */
    private final boolean owner;

    private volatile FloatPointer pointer;
    private volatile ByteBuffer bytes;

    private HostTensor(Device device, HostMemory memory, long offset, boolean owner, long... shape) {
        super(shape);
        this.device = device;
        this.memory = memory;
        this.offset = offset;
        this.owner = owner;
    }

    /** A new tensor of zeros. */
    public static HostTensor allocate(Device device, long... shape) {
        return new HostTensor(device, HostMemory.allocate(Math.max(1, sizeOf(shape))), 0, true, shape);
    }

    /** A tensor [n] over the memory of a vector. */
    public static HostTensor over(Device device, HostVector vector) {
        return new HostTensor(device, HostMemory.of(vector), 0, false, vector.size());
    }

    /**
     * The tensor as a host tensor of this device.
     *
     * @throws IllegalArgumentException if it lives elsewhere
     */
    public static HostTensor of(Tensor tensor) {
        if (tensor instanceof HostTensor host) {
            return host;
        }
        throw new IllegalArgumentException("Cannot compute: expected a tensor in host memory, found " + tensor);
    }

    /** See {@link Device#free}. */
    public void free() {
        if (!owner) {
            throw new IllegalArgumentException(
                    "Cannot free " + this + ": expected what the device allocated, found a view or foreign memory");
        }
        memory.free();
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public HostTensor view(long viewOffset, long... shape) {
        requireInside(viewOffset, sizeOf(shape));
        return new HostTensor(device, memory, offset + viewOffset, false, shape);
    }

    /** The address of the first element, for BLAS. Its position must not be moved: it is shared. */
    public FloatPointer pointer() {
        FloatPointer result = pointer;
        if (result == null) {
            result = pointerAt(0);
            pointer = result;
        }
        return result;
    }

    private FloatPointer pointerAt(long element) {
        return memory.at(offset + element);
    }

    /**
     * The tensor's bytes, from its first element to its last, in the processor's byte order. One buffer serves all
     * callers, so use its absolute accessors only.
     *
     * @throws UserException above 2^31 - 4097 bytes, which come from a configuration: code that can do with less at a
     *     time uses views
     */
    public ByteBuffer bytes() {
        ByteBuffer result = bytes;
        if (result == null) {
            if (size() > MOST_BYTES / Float.BYTES) {
                throw new UserException(
                        "Cannot compute with an array of shape " + Arrays.toString(shape())
                                + " on the processor: expected at most " + MOST_BYTES / Float.BYTES + " numbers, found "
                                + size()
                                + ". Lower train.batch (and raise train.accumulation) or evaluation.batch-tokens, use shorter windows, or set device.kind to nd4j.");
            }
            result = size() == 0
                    ? ByteBuffer.allocateDirect(0)
                    : pointerAt(0).capacity(size()).asByteBuffer();
            bytes = result;
        }
        return result;
    }

    @Override
    public void upload(long to, float[] source, int from, int count) {
        requireInside(to, count);
        if (count > 0) {
            pointerAt(to).put(source, from, count);
        }
    }

    @Override
    public void download(long from, float[] target, int to, int count) {
        requireInside(from, count);
        if (count > 0) {
            pointerAt(from).get(target, to, count);
        }
    }
}
