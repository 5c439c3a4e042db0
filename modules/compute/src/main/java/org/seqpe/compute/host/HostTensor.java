package org.seqpe.compute.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.seqpe.compute.Device;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.core.UserException;

/**
 * A tensor in host memory: a stretch of an allocation, open to BLAS ({@link #address}) and to the Vector API
 * ({@link #bytes}).
 *
 * <p>Unless it is freed before, the memory lives as long as this tensor or one of its views, and no longer: code that
 * holds nothing but the address or the buffer must keep the tensor alive with
 * {@link java.lang.ref.Reference#reachabilityFence} until it is done with them.
 */
public final class HostTensor extends Tensor {
    /**
     * Most bytes of a buffer. Loops count bytes and step beyond the end, by 4096 at most: their counters must not wrap.
     */
    private static final int MOST_BYTES = Integer.MAX_VALUE - 4096;

    private final Device device;
    private final HostMemory memory;
    private final Precision precision;
    /** First element, counted from the start of the memory. */
    private final long offset;
    /** Whether it is a whole allocation of this class, rather than a view or another's memory. */
    private final boolean owner;

    private volatile ByteBuffer bytes;

    private HostTensor(
            Device device, HostMemory memory, Precision precision, long offset, boolean owner, long... shape) {
        super(shape);
        this.device = device;
        this.memory = memory;
        this.precision = precision;
        this.offset = offset;
        this.owner = owner;
    }

    /** A new tensor of zeros of float32. */
    public static HostTensor allocate(Device device, long... shape) {
        return allocate(device, Precision.FLOAT32, shape);
    }

    /** A new tensor of zeros. */
    public static HostTensor allocate(Device device, Precision precision, long... shape) {
        long bytes = Math.multiplyExact(Math.max(1, sizeOf(shape)), (long) precision.bytes());
        return new HostTensor(device, HostMemory.allocate(bytes), precision, 0, true, shape);
    }

    /** A tensor [n] over the memory of a vector. */
    public static HostTensor over(Device device, HostVector vector) {
        return new HostTensor(device, HostMemory.of(vector), Precision.FLOAT32, 0, false, vector.size());
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
        return new HostTensor(device, memory, precision, offset + viewOffset, false, shape);
    }

    @Override
    public Precision precision() {
        return precision;
    }

    /**
     * The address of the first element, for BLAS.
     *
     * @throws IllegalStateException if the memory was freed
     */
    public long address() {
        return addressOf(0);
    }

    private long addressOf(long element) {
        return memory.at((offset + element) * precision.bytes());
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
            if (size() > MOST_BYTES / precision.bytes()) {
                throw new UserException(
                        "Cannot compute with an array of shape " + Arrays.toString(shape())
                                + " on the processor: expected at most " + MOST_BYTES / precision.bytes()
                                + " numbers, found "
                                + size()
                                + ". Lower train.batch (and raise train.accumulation) or evaluation.batch-tokens, use shorter windows, or set device.kind to nd4j.");
            }
            result = size() == 0
                    ? ByteBuffer.allocateDirect(0)
                    : new Address().at(address()).bytes(size() * precision.bytes());
            bytes = result;
        }
        return result;
    }

    @Override
    public void upload(long to, float[] source, int from, int count) {
        requireInside(to, count);
        if (count > 0 && precision == Precision.FLOAT32) {
            new FloatPointer(new Address().at(addressOf(to))).put(source, from, count);
        } else if (count > 0) {
            short[] rounded = new short[count];
            for (int i = 0; i < count; i++) {
                rounded[i] = Precision.toBfloat16(source[from + i]);
            }
            new ShortPointer(new Address().at(addressOf(to))).put(rounded);
        }
    }

    @Override
    public void download(long from, float[] target, int to, int count) {
        requireInside(from, count);
        if (count > 0 && precision == Precision.FLOAT32) {
            new FloatPointer(new Address().at(addressOf(from))).get(target, to, count);
        } else if (count > 0) {
            short[] bits = new short[count];
            new ShortPointer(new Address().at(addressOf(from))).get(bits);
            for (int i = 0; i < count; i++) {
                target[to + i] = Precision.fromBfloat16(bits[i]);
            }
        }
    }
}
