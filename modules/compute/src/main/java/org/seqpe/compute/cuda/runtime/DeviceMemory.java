package org.seqpe.compute.cuda.runtime;

import java.lang.ref.Cleaner;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.seqpe.compute.cuda.driver.CudaStatus;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.core.UserException;

/**
 * The memory of one GPU, from the driver's pool, which keeps what is given back. Allocations and frees are in the
 * stream's order: memory that is freed is used again only by work that was asked for later, so nothing waits.
 *
 * <p>A {@link Block} is given back by {@link Block#free}, or when it has become unreachable. The garbage collector's
 * threads have no context, so they only leave a note, and the next {@link #allocate} gives the memory back.
 */
public final class DeviceMemory {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int RELEASE_THRESHOLD = 4;
    private static final int TRIES = 5;
    /** The first pause for the garbage collector's threads; each is twice the one before. */
    private static final long PAUSE_MILLIS = 25;

    private final CudaContext context;
    private final long pool;
    private final Queue<Long> unreachable = new ConcurrentLinkedQueue<>();
    private final Set<Long> live = ConcurrentHashMap.newKeySet();
    private final long[] address = new long[1];

    /**
     * A stretch of device memory.
     *
     * <p>It stays allocated as long as this object is reachable.
     */
    public static final class Block {
        private final long address;
        private final long bytes;
        private final Cleaner.Cleanable release;
        private volatile boolean freed;

        private Block(DeviceMemory memory, long address, long bytes) {
            this.address = address;
            this.bytes = bytes;
            release = CLEANER.register(this, new Note(memory, address));
        }

        /**
         * Where it begins on the device.
         *
         * @throws IllegalStateException if it was freed
         */
        public long address() {
            if (freed) {
                throw new IllegalStateException("Cannot use a tensor whose memory was freed");
            }
            return address;
        }

        public long bytes() {
            return bytes;
        }

        /** Gives the memory back; nothing may be asked of it afterwards. */
        public void free() {
            freed = true;
            release.clean();
        }
    }

    /** What a block leaves behind. It must not reach the block, which would then never become unreachable. */
    private record Note(DeviceMemory memory, long address) implements Runnable {
        @Override
        public void run() {
            memory.unreachable.add(address);
        }
    }

    /** @throws UserException if the GPU has no memory pool, as with some virtual GPUs */
    DeviceMemory(CudaContext context) {
        this.context = context;
        if (!context.gpu().pools()) {
            throw new UserException(
                    "Cannot use " + context.gpu()
                            + ": expected a GPU with memory pools (cuMemAllocAsync), found one without, as some virtual GPUs are. Use another GPU.");
        }
        long[] handle = new long[1];
        context.check(
                "cuDeviceGetDefaultMemPool",
                DriverApi.cuDeviceGetDefaultMemPool(handle, context.gpu().handle()));
        pool = handle[0];
        // Without it the driver would give free memory back to the system at every wait, and ask for it again.
        context.check(
                "cuMemPoolSetAttribute",
                DriverApi.cuMemPoolSetAttribute(pool, RELEASE_THRESHOLD, new long[] {Long.MAX_VALUE}));
    }

    /**
     * A new block, whose contents are undefined. Memory that has become unreachable is given out again here, so a
     * kernel's operands must stay reachable until it is launched.
     *
     * @throws UserException if the GPU has no more
     */
    public Block allocate(long bytes) {
        releaseUnreachable();
        long wanted = Math.max(1, bytes);
        int status = tryAllocate(wanted);
        // Tensors that nobody holds any more lie on a heap that hardly grows, so nobody has looked for them.
        for (int tries = 0; status == CudaStatus.OUT_OF_MEMORY && tries < TRIES; tries++) {
            collectGarbage(PAUSE_MILLIS << tries);
            status = tryAllocate(wanted);
        }
        if (status == CudaStatus.OUT_OF_MEMORY) {
            throw outOfMemory(wanted);
        }
        context.check("cuMemAllocAsync", status);
        live.add(address[0]);
        return new Block(this, address[0], wanted);
    }

    private int tryAllocate(long bytes) {
        return DriverApi.cuMemAllocAsync(address, bytes, context.stream());
    }

    private void collectGarbage(long pauseMillis) {
        System.gc();
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        releaseUnreachable();
        context.synchronize();
        context.check("cuMemPoolTrimTo", DriverApi.cuMemPoolTrimTo(pool, 0));
    }

    private UserException outOfMemory(long bytes) {
        long[] free = new long[1];
        long[] total = new long[1];
        context.check("cuMemGetInfo", DriverApi.cuMemGetInfo_v2(free, total));
        return new UserException(
                "Cannot allocate " + mebibytes(bytes) + " MiB on " + context.gpu()
                        + ": expected that much free memory, found "
                        + mebibytes(free[0]) + " of " + mebibytes(total[0])
                        + " MiB free in all (others may use the GPU too: see nvidia-smi)."
                        + " Lower train.batch and raise train.accumulation, use shorter windows, or in a sweep lower evaluation.batch-tokens.");
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    private void releaseUnreachable() {
        for (Long block = unreachable.poll(); block != null; block = unreachable.poll()) {
            live.remove(block);
            context.check("cuMemFreeAsync", DriverApi.cuMemFreeAsync(block, context.stream()));
        }
    }

    /** Gives back everything, in use or not. */
    void close() {
        unreachable.clear();
        for (Long block : live) {
            DriverApi.cuMemFreeAsync(block, context.stream());
        }
        live.clear();
        DriverApi.cuStreamSynchronize(context.stream());
        DriverApi.cuMemPoolTrimTo(pool, 0);
    }
}
