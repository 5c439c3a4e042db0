package org.seqpe.compute.cuda.runtime;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.seqpe.compute.cuda.driver.DriverApi;

/**
 * A few bytes of page-locked memory to which a copy from the device is asked for ahead of time. Waiting for it does not
 * wait for what was asked for behind it.
 */
final class ReadBack {
    private static final int DISABLE_TIMING = 2;

    private final CudaContext context;
    private final int bytes;
    private final long memory;
    private final long event;

    ReadBack(CudaContext context, int bytes) {
        this.context = context;
        this.bytes = bytes;
        long[] handle = new long[1];
        context.check("cuMemHostAlloc", DriverApi.cuMemHostAlloc(handle, bytes, 0));
        memory = handle[0];
        context.check("cuEventCreate", DriverApi.cuEventCreate(handle, DISABLE_TIMING));
        event = handle[0];
    }

    /** Asks for a copy from a device address. */
    void ask(long source) {
        context.check("cuMemcpyDtoHAsync", DriverApi.cuMemcpyDtoHAsync_v2(memory, source, bytes, context.stream()));
        context.check("cuEventRecord", DriverApi.cuEventRecord(event, context.stream()));
    }

    /** Waits for the copy that was asked for last. */
    ByteBuffer await() {
        context.check("cuEventSynchronize", DriverApi.cuEventSynchronize(event));
        return new Pointer(memory).getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    }

    void close() {
        DriverApi.cuEventDestroy_v2(event);
        DriverApi.cuMemFreeHost(memory);
    }
}
