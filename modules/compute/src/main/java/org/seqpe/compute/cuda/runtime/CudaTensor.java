package org.seqpe.compute.cuda.runtime;

import java.nio.ShortBuffer;
import org.seqpe.compute.Device;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;

/** A tensor in the memory of a GPU: a stretch of a block, of numbers of one precision. */
public final class CudaTensor extends Tensor {
    private final CudaRuntime runtime;
    private final DeviceMemory.Block block;
    private final Precision precision;
    /** First element, counted from the start of the block. */
    private final long offset;
    /** Whether it is a whole block, rather than a view. */
    private final boolean owner;

    private CudaTensor(
            CudaRuntime runtime,
            DeviceMemory.Block block,
            Precision precision,
            long offset,
            boolean owner,
            long... shape) {
        super(shape);
        this.runtime = runtime;
        this.block = block;
        this.precision = precision;
        this.offset = offset;
        this.owner = owner;
    }

    static CudaTensor allocate(CudaRuntime runtime, Precision precision, long... shape) {
        long bytes = Math.multiplyExact(sizeOf(shape), (long) precision.bytes());
        return new CudaTensor(runtime, runtime.memory().allocate(bytes), precision, 0, true, shape);
    }

    /**
     * The tensor as one of a CUDA device.
     *
     * @throws IllegalArgumentException if it lives elsewhere
     */
    public static CudaTensor of(Tensor tensor) {
        if (tensor instanceof CudaTensor cuda) {
            return cuda;
        }
        throw new IllegalArgumentException("Cannot compute: expected a tensor on a GPU, found " + tensor);
    }

    /** The address of the first element. */
    long address() {
        return block.address() + offset * precision.bytes();
    }

    /** The bytes that its address is a multiple of: the largest power of two up to this one. */
    public int alignment(int most) {
        return (int) Math.min(most, Long.lowestOneBit(address()));
    }

    /** See {@link Device#free}. */
    public void free() {
        if (!owner) {
            throw new IllegalArgumentException(
                    "Cannot free " + this + ": expected what the device allocated, found a view");
        }
        block.free();
    }

    @Override
    public Precision precision() {
        return precision;
    }

    @Override
    public Device device() {
        return runtime.device();
    }

    @Override
    public CudaTensor view(long viewOffset, long... shape) {
        requireInside(viewOffset, sizeOf(shape));
        return new CudaTensor(runtime, block, precision, offset + viewOffset, false, shape);
    }

    @Override
    public void upload(long to, float[] source, int from, int count) {
        requireInside(to, count);
        int width = precision.bytes();
        runtime.staging().upload(address() + to * width, count, width, (buffer, first, part) -> {
            if (precision == Precision.FLOAT32) {
                buffer.asFloatBuffer().put(source, from + first, part);
            } else {
                put(buffer.asShortBuffer(), source, from + first, part);
            }
        });
    }

    @Override
    public void download(long from, float[] target, int to, int count) {
        requireInside(from, count);
        int width = precision.bytes();
        runtime.staging().download(address() + from * width, count, width, (buffer, first, part) -> {
            if (precision == Precision.FLOAT32) {
                buffer.asFloatBuffer().get(target, to + first, part);
            } else {
                get(buffer.asShortBuffer(), target, to + first, part);
            }
        });
    }

    private static void put(ShortBuffer buffer, float[] source, int from, int count) {
        for (int i = 0; i < count; i++) {
            buffer.put(i, Precision.toBfloat16(source[from + i]));
        }
    }

    private static void get(ShortBuffer buffer, float[] target, int to, int count) {
        for (int i = 0; i < count; i++) {
            target[to + i] = Precision.fromBfloat16(buffer.get(i));
        }
    }
}
