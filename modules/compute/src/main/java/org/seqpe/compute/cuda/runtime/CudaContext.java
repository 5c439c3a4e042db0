package org.seqpe.compute.cuda.runtime;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.seqpe.compute.DeviceLostException;
import org.seqpe.compute.cuda.driver.CudaStatus;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.compute.cuda.driver.Gpu;

/**
 * One GPU's primary context and the one stream that a device gives its work to. Everything on it runs in the order in
 * which it was asked for.
 */
public final class CudaContext implements AutoCloseable {
    /** Waits after every kernel, so that a fault is found at the kernel that has it. Slow. */
    private static final boolean CHECKED =
            Boolean.getBoolean("seqpe.cuda.check") || "1".equals(System.getenv("SEQPE_CUDA_CHECK"));

    private static final int NON_BLOCKING = 1;
    private static final int KEPT = 64;
    private static final int NAMED = 12;

    /** GPUs, by their UUIDs, on which this process cannot compute any more. */
    private static final Set<String> BROKEN = ConcurrentHashMap.newKeySet();

    private final Gpu gpu;
    private final long context;
    private final long stream;
    /** The kernels asked for last, in a ring. */
    private final String[] recent = new String[KEPT];

    private int launches;
    private boolean closed;

    private CudaContext(Gpu gpu, long context, long stream) {
        this.gpu = gpu;
        this.context = context;
        this.stream = stream;
    }

    /** Whether an earlier failure has made this GPU useless for this process. */
    public static boolean isBroken(Gpu gpu) {
        return BROKEN.contains(gpu.uuid());
    }

    /** A context on this GPU, current on the calling thread. */
    public static CudaContext open(Gpu gpu) {
        long[] handle = new long[1];
        requireOpen(gpu, "cuDevicePrimaryCtxRetain", DriverApi.cuDevicePrimaryCtxRetain(handle, gpu.handle()));
        long context = handle[0];
        try {
            requireOpen(gpu, "cuCtxSetCurrent", DriverApi.cuCtxSetCurrent(context));
            requireOpen(gpu, "cuStreamCreate", DriverApi.cuStreamCreate(handle, NON_BLOCKING));
        } catch (CudaFailure e) {
            DriverApi.cuDevicePrimaryCtxRelease_v2(gpu.handle());
            throw e;
        }
        return new CudaContext(gpu, context, handle[0]);
    }

    private static void requireOpen(Gpu gpu, String function, int status) {
        if (status != CudaStatus.SUCCESS) {
            throw new CudaFailure("Cannot start " + gpu + ": " + function + " fails with " + CudaStatus.describe(status)
                    + ". See what nvidia-smi says of it.");
        }
    }

    public Gpu gpu() {
        return gpu;
    }

    /** The stream's handle; libraries put their own work on it too. */
    public long stream() {
        return stream;
    }

    /** Makes the context current on the calling thread. */
    public void attach() {
        check("cuCtxSetCurrent", DriverApi.cuCtxSetCurrent(context));
    }

    /**
     * Waits until all work has finished.
     *
     * @throws DeviceLostException if some of it failed
     */
    public void synchronize() {
        check("cuStreamSynchronize", DriverApi.cuStreamSynchronize(stream));
        launches = 0;
    }

    /** Remembers that a kernel was asked for, and looks at once whether it fails if checking is on. */
    void launched(String kernel) {
        recent[launches++ & KEPT - 1] = kernel;
        if (CHECKED) {
            check(kernel, DriverApi.cuStreamSynchronize(stream));
        }
    }

    /**
     * Checks what a function of the driver returned.
     *
     * @throws DeviceLostException if the GPU cannot be used any more in this process
     * @throws CudaFailure if it failed otherwise
     */
    public void check(String function, int status) {
        if (status != CudaStatus.SUCCESS) {
            throw failure(function, status);
        }
    }

    private RuntimeException failure(String function, int status) {
        StringBuilder message = new StringBuilder("Cannot compute on ")
                .append(gpu)
                .append(": ")
                .append(function)
                .append(" fails with ")
                .append(CudaStatus.describe(status))
                .append('.');
        if (CudaStatus.isSticky(status)) {
            BROKEN.add(gpu.uuid());
            message.append(" This process cannot use the GPU any more.");
        }
        if (launches > 0) {
            message.append(
                            CHECKED
                                    ? " The last kernel was "
                                    : " A kernel since the last success may have failed; asked for last were ")
                    .append(String.join(", ", lastKernels()))
                    .append('.');
            if (!CHECKED) {
                message.append(" Set SEQPE_CUDA_CHECK=1 to find out which.");
            }
        }
        return CudaStatus.isSticky(status)
                ? new DeviceLostException(message.toString())
                : new CudaFailure(message.toString());
    }

    /** The kernels asked for last, the latest first, each once. */
    private Set<String> lastKernels() {
        Set<String> names = new LinkedHashSet<>();
        for (int i = launches - 1; i >= Math.max(0, launches - KEPT) && names.size() < (CHECKED ? 1 : NAMED); i--) {
            names.add(recent[i & KEPT - 1]);
        }
        return names;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        // A broken context answers with its error, which was thrown where it happened.
        DriverApi.cuStreamDestroy_v2(stream);
        DriverApi.cuDevicePrimaryCtxRelease_v2(gpu.handle());
    }
}
