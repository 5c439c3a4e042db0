package org.seqpe.compute.host;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.core.UserException;

/**
 * A tensor in ND4J's memory: a stretch of a flat float32 INDArray. {@link Nd4jDevice} computes on its {@link #array}
 * views; with ND4J's CPU backend the same memory is also open to BLAS ({@link #pointer}) and to the Vector API
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
    /** The whole allocation as a vector; holding it keeps the memory from ND4J's deallocator. */
    private final INDArray base;
    /** First element, counted from the start of the allocation's buffer. */
    private final long offset;
    /** Whether it is a whole allocation of this class, rather than a view or another's memory. */
    private final boolean owner;
    /** Made when ND4J is to compute: it costs ten times what the rest of a view does. */
    private volatile INDArray flat;

    private volatile FloatPointer pointer;
    private volatile ByteBuffer bytes;

    private HostTensor(Device device, INDArray base, long offset, boolean owner, long... shape) {
        super(shape);
        this.device = device;
        this.base = base;
        this.offset = offset;
        this.owner = owner;
    }

    /** A new tensor of zeros, outside of ND4J's workspaces. */
    static HostTensor allocate(Device device, long... shape) {
        long size = Math.max(1, sizeOf(shape));
        return new HostTensor(
                device, Nd4j.createUninitializedDetached(DataType.FLOAT, size).assign(0), 0, true, shape);
    }

    /**
     * A tensor [n] over the memory of a vector.
     *
     * @param vector [n], [1, n] or [n, 1]
     * @throws IllegalArgumentException unless it is a float32 vector whose elements follow each other in memory
     */
    static HostTensor wrap(Device device, INDArray vector) {
        boolean contiguous = vector.length() == 1;
        for (int i = 0; i < vector.rank(); i++) {
            contiguous |= vector.size(i) == vector.length() && vector.stride(i) == 1;
        }
        if (vector.isEmpty() || vector.dataType() != DataType.FLOAT || !contiguous) {
            throw new IllegalArgumentException(
                    "Cannot wrap an array: expected a contiguous float32 row or column vector, found "
                            + vector.dataType() + Arrays.toString(vector.shape()) + " with strides "
                            + Arrays.toString(vector.stride()));
        }
        return new HostTensor(device, vector, vector.offset(), false, vector.length());
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

    /** As {@link Device#free}. */
    void free() {
        if (!owner) {
            throw new IllegalArgumentException(
                    "Cannot free " + this + ": expected what the device allocated, found a view or foreign memory");
        }
        base.close();
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public HostTensor view(long viewOffset, long... shape) {
        requireInside(viewOffset, sizeOf(shape));
        return new HostTensor(device, base, offset + viewOffset, false, shape);
    }

    /** The whole tensor as a vector [size]; a view, not a copy. Null for a size of 0. */
    public INDArray array() {
        INDArray result = flat;
        if (result == null && size() > 0) {
            result = arrayOver(size());
            flat = result;
        }
        return result;
    }

    /** The whole tensor under another shape of the same size, 'c' order; a view, not a copy. */
    public INDArray array(long... shape) {
        if (sizeOf(shape) != size() || size() == 0) {
            throw new IllegalArgumentException(
                    "Cannot view a tensor " + Arrays.toString(shape()) + " as an array " + Arrays.toString(shape));
        }
        return arrayOver(shape);
    }

    /** The whole tensor as the matrix [rows, columns]; a view, not a copy. */
    public INDArray matrix() {
        return array(rows(), columns());
    }

    private INDArray arrayOver(long... shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strided(0, shape, strides);
    }

    /** A view whose element (i, j, ...) is element first + i strides[0] + j strides[1] + ... of this tensor. */
    public INDArray strided(long first, long[] shape, long[] strides) {
        return Nd4j.create(base.data(), shape, strides, offset + first, 'c');
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
        return new FloatPointer(
                        base.data().originalDataBuffer() == null
                                ? base.data().pointer()
                                : base.data().originalDataBuffer().pointer())
                .getPointer(offset + element);
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
        if (count > 0 && Nd4j.getEnvironment().isCPU()) {
            pointerAt(to).put(source, from, count);
        } else if (count > 0) {
            view(to, count).array().assign(Nd4j.createFromArray(Arrays.copyOfRange(source, from, from + count)));
        }
    }

    @Override
    public void download(long from, float[] target, int to, int count) {
        requireInside(from, count);
        if (count > 0 && Nd4j.getEnvironment().isCPU()) {
            pointerAt(from).get(target, to, count);
        } else if (count > 0) {
            System.arraycopy(view(from, count).array().dup().data().asFloat(), 0, target, to, count);
        }
    }
}
