package org.seqpe.compute.cuda.runtime;

import java.util.ArrayList;
import java.util.List;
import org.seqpe.compute.Device;
import org.seqpe.compute.HostLink;
import org.seqpe.compute.HostVector;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.compute.cuda.driver.Gpu;

/** What the kernels of one device share: its GPU's context, memory and code. One thread at a time may use it. */
public final class CudaRuntime implements AutoCloseable {
    private static final int CHUNKS = 4;
    private static final int CHUNK_BYTES = 4 << 20;

    private final Device device;
    private final CudaContext context;
    private final DeviceMemory memory;
    private final Staging staging;
    private final Kernels kernels;
    private final Launch launch;
    private final Scratch scratch;
    private final PageLockedLink.Registry locked = new PageLockedLink.Registry();
    private final Operands operands = new Operands();
    /** A device has a few for its whole life. */
    private final List<ReadBack> readBacks = new ArrayList<>();

    private boolean closed;

    /**
     * @param device that tensors of this runtime belong to
     * @param context current on the calling thread; closed with this runtime
     * @param image the kernels' machine code
     */
    public CudaRuntime(Device device, CudaContext context, byte[] image) {
        this.device = device;
        this.context = context;
        memory = new DeviceMemory(context);
        kernels = new Kernels(context, image);
        staging = new Staging(context, CHUNKS, CHUNK_BYTES);
        launch = new Launch(context, operands);
        scratch = new Scratch(memory);
    }

    public CudaContext context() {
        return context;
    }

    public Gpu gpu() {
        return context.gpu();
    }

    Device device() {
        return device;
    }

    Staging staging() {
        return staging;
    }

    DeviceMemory memory() {
        return memory;
    }

    /** The launch of a kernel; its arguments follow. */
    public Launch kernel(String name) {
        return launch.of(kernels.get(name));
    }

    /**
     * Working memory of this many bytes, whose contents are undefined. It is good until the next call of this method.
     *
     * @return an address, a multiple of 256
     */
    public long scratch(long bytes) {
        return scratch.take(bytes);
    }

    /** Waits until all work has finished. */
    public void synchronize() {
        context.synchronize();
    }

    // ---------------------------------------------------------------- operands

    /**
     * The address of a kernel's operand, which is kept from the garbage collector until the kernel has been launched.
     *
     * @throws IllegalArgumentException unless it is a tensor of a CUDA device
     */
    public long address(Tensor tensor) {
        CudaTensor operand = CudaTensor.of(tensor);
        operands.hold(operand);
        return operand.address();
    }

    /** The address of an operand, or 0 for null. */
    public long addressOrNull(Tensor tensor) {
        return tensor == null ? 0 : address(tensor);
    }

    /** The address of integers, as {@link #address(Tensor)}. */
    public long address(Ints ints) {
        CudaInts operand = CudaInts.of(ints);
        operands.hold(operand);
        return operand.address();
    }

    /** Remembers that a library was asked for a kernel, whose operands need not be kept any longer. */
    public void launched(String kernel) {
        operands.release();
        context.launched(kernel);
    }

    // ---------------------------------------------------------------- memory

    /** A new tensor of zeros. */
    public CudaTensor allocate(Precision precision, long... shape) {
        CudaTensor tensor = CudaTensor.allocate(this, precision, shape);
        long bytes = tensor.size() * precision.bytes();
        if (bytes > 0) {
            context.check(
                    "cuMemsetD8Async", DriverApi.cuMemsetD8Async(tensor.address(), (byte) 0, bytes, context.stream()));
        }
        return tensor;
    }

    /** Memory for values that are asked for ahead; it is freed with the device. */
    ReadBack newReadBack(int bytes) {
        ReadBack readBack = new ReadBack(context, bytes);
        readBacks.add(readBack);
        return readBack;
    }

    /** See {@link Device#link}. */
    public HostLink link(HostVector vector) {
        return locked.link(context, vector);
    }

    /** Copies bytes within the device. */
    public void copy(long target, long source, long bytes) {
        if (bytes > 0) {
            context.check("cuMemcpyDtoDAsync", DriverApi.cuMemcpyDtoDAsync_v2(target, source, bytes, context.stream()));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            readBacks.forEach(ReadBack::close);
            locked.close();
            memory.close();
            staging.close();
            kernels.close();
            context.close();
        }
    }
}
