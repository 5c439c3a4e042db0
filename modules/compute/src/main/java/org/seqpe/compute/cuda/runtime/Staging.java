package org.seqpe.compute.cuda.runtime;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.seqpe.compute.cuda.driver.DriverApi;

/**
 * Page-locked host memory through which values cross between the heap and the device. An upload is a copy on the host
 * and a request; it waits only if as much as all chunks hold is still under way. What comes back has memory of its own.
 */
final class Staging {
    private static final int DISABLE_TIMING = 2;

    private final CudaContext context;
    private final int chunkBytes;
    private final long[] chunks;
    private final ByteBuffer[] buffers;
    private final long[] events;
    private final long back;
    private final ByteBuffer backBuffer;
    private int current;
    private int used;

    /**
     * @param count chunks, 2 or more
     * @param chunkBytes bytes of each, a multiple of 16
     */
    Staging(CudaContext context, int count, int chunkBytes) {
        this.context = context;
        this.chunkBytes = chunkBytes;
        chunks = new long[count];
        buffers = new ByteBuffer[count];
        events = new long[count];
        long[] handle = new long[1];
        back = allocate();
        backBuffer = buffer(back);
        for (int i = 0; i < count; i++) {
            chunks[i] = allocate();
            buffers[i] = buffer(chunks[i]);
            context.check("cuEventCreate", DriverApi.cuEventCreate(handle, DISABLE_TIMING));
            events[i] = handle[0];
        }
    }

    private long allocate() {
        long[] address = new long[1];
        context.check("cuMemHostAlloc", DriverApi.cuMemHostAlloc(address, chunkBytes, 0));
        return address[0];
    }

    private ByteBuffer buffer(long address) {
        return new Pointer(address).getByteBuffer(0, chunkBytes);
    }

    /** Writes values [first, first + count) to a buffer, or reads them from it. */
    interface Part {
        void move(ByteBuffer buffer, int first, int count);
    }

    /**
     * Copies values to the device, chunk by chunk. The source may change when this returns.
     *
     * @param width bytes of a value
     */
    void upload(long target, int count, int width, Part source) {
        int most = chunkBytes / width;
        for (int first = 0; first < count; first += most) {
            int part = Math.min(most, count - first);
            uploadChunk(target + (long) first * width, part * width, first, part, source);
        }
    }

    /**
     * Waits for the work that was asked for and copies values from the device, chunk by chunk.
     *
     * @param width bytes of a value
     */
    void download(long source, int count, int width, Part target) {
        int most = chunkBytes / width;
        for (int first = 0; first < count; first += most) {
            int part = Math.min(most, count - first);
            downloadChunk(source + (long) first * width, part * width, first, part, target);
        }
    }

    private void uploadChunk(long target, int bytes, int first, int count, Part source) {
        if (used + bytes > chunkBytes) {
            nextChunk();
        }
        source.move(buffers[current].slice(used, bytes).order(ByteOrder.nativeOrder()), first, count);
        context.check(
                "cuMemcpyHtoDAsync",
                DriverApi.cuMemcpyHtoDAsync_v2(target, chunks[current] + used, bytes, context.stream()));
        used += (bytes + 15) & ~15;
    }

    private void nextChunk() {
        context.check("cuEventRecord", DriverApi.cuEventRecord(events[current], context.stream()));
        current = (current + 1) % chunks.length;
        // An event that was never recorded counts as reached.
        context.check("cuEventSynchronize", DriverApi.cuEventSynchronize(events[current]));
        used = 0;
    }

    private void downloadChunk(long source, int bytes, int first, int count, Part target) {
        context.check("cuMemcpyDtoHAsync", DriverApi.cuMemcpyDtoHAsync_v2(back, source, bytes, context.stream()));
        context.synchronize();
        target.move(backBuffer.slice(0, bytes).order(ByteOrder.nativeOrder()), first, count);
    }

    void close() {
        DriverApi.cuMemFreeHost(back);
        for (int i = 0; i < chunks.length; i++) {
            DriverApi.cuEventDestroy_v2(events[i]);
            DriverApi.cuMemFreeHost(chunks[i]);
        }
    }
}
