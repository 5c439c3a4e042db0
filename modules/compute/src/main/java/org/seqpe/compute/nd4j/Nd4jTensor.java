package org.seqpe.compute.nd4j;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;

/**
 * A tensor in ND4J's memory: a stretch of a flat float32 INDArray, on whose {@link #array} views {@link Nd4jDevice}
 * computes.
 */
final class Nd4jTensor extends Tensor {
    private final Device device;
    /** The whole allocation as a vector; holding it keeps the memory from ND4J's deallocator. */
    private final INDArray base;
    /** First element, counted from the start of the allocation's buffer. */
    private final long offset;
    /** Whether it is a whole allocation of this class, rather than a view or another's memory. */
    private final boolean owner;
    /** Made when ND4J is to compute: it costs ten times what the rest of a view does. */
    private volatile INDArray flat;

    private Nd4jTensor(Device device, INDArray base, long offset, boolean owner, long... shape) {
        super(shape);
        this.device = device;
        this.base = base;
        this.offset = offset;
        this.owner = owner;
    }

    /** A new tensor of zeros, outside of ND4J's workspaces. */
    static Nd4jTensor allocate(Device device, long... shape) {
        long size = Math.max(1, sizeOf(shape));
        return new Nd4jTensor(
                device, Nd4j.createUninitializedDetached(DataType.FLOAT, size).assign(0), 0, true, shape);
    }

    /**
     * A tensor [n] over the memory of a vector.
     *
     * @param vector [n], [1, n] or [n, 1]
     * @throws IllegalArgumentException unless it is a float32 vector whose elements follow each other in memory
     */
    static Nd4jTensor wrap(Device device, INDArray vector) {
        HostVectors.requireVector(vector);
        return new Nd4jTensor(device, vector, vector.offset(), false, vector.length());
    }

    /**
     * The tensor as a tensor of ND4J.
     *
     * @throws IllegalArgumentException if it lives elsewhere
     */
    public static Nd4jTensor of(Tensor tensor) {
        if (tensor instanceof Nd4jTensor ours) {
            return ours;
        }
        throw new IllegalArgumentException("Cannot compute: expected a tensor of ND4J, found " + tensor);
    }

    /** See {@link Device#free}. */
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
    public Nd4jTensor view(long viewOffset, long... shape) {
        requireInside(viewOffset, sizeOf(shape));
        return new Nd4jTensor(device, base, offset + viewOffset, false, shape);
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

    private FloatPointer pointerAt(long element) {
        return HostVectors.address(base.data(), offset + element);
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
