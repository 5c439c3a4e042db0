package org.seqpe.compute.cuda.driver;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import org.seqpe.core.UserException;

/**
 * NVIDIA's driver library: the functions of the CUDA Driver API that a device uses, under their own names and with
 * their own arguments. Pointers, handles and sizes are longs. Each function returns a {@link CudaStatus}.
 *
 * <p>JNA binds the methods to the library directly. A call costs about a tenth of a microsecond, and a step makes some
 * hundred of them, so nothing is gained by a generated binding, whose classes belong to one version of CUDA.
 */
public final class DriverApi {
    /** Names another library than the system's, such as a stand-in for tests. */
    public static final String LIBRARY_PROPERTY = "seqpe.cuda.driver";

    private static final String LIBRARY = "libcuda.so.1";

    private static boolean bound;

    private DriverApi() {}

    /** The library that this process uses. */
    static String library() {
        return System.getProperty(LIBRARY_PROPERTY, LIBRARY);
    }

    /** Whether this machine has the library. */
    static boolean isPresent() {
        return loads(library());
    }

    /** Whether the system finds and loads a library, given by its name or path. */
    static boolean loads(String name) {
        try {
            NativeLibrary.getInstance(name);
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /**
     * Binds the functions; nothing else here may be called before.
     *
     * @throws UserException if the library is missing, or lacks a function because it is too old
     */
    static synchronized void bind() {
        if (!isPresent()) {
            throw new UserException("expected NVIDIA's driver, found no " + library()
                    + "; install the driver of an NVIDIA GPU, or in a container pass the host's through"
                    + " (nvidia-container-toolkit)");
        }
        if (bound) {
            return;
        }
        try {
            Native.register(DriverApi.class, NativeLibrary.getInstance(library()));
        } catch (UnsatisfiedLinkError e) {
            throw new UserException(
                    "expected a driver for CUDA 13.0 or newer (580), found that its " + library()
                            + " lacks a function (" + e.getMessage() + "); install a newer driver",
                    e);
        }
        bound = true;
    }

    // ---------------------------------------------------------------- GPUs and contexts

    static native int cuInit(int flags);

    static native int cuDriverGetVersion(int[] version);

    static native int cuDeviceGetCount(int[] count);

    static native int cuDeviceGet(int[] device, int ordinal);

    static native int cuDeviceGetName(byte[] name, int length, int device);

    static native int cuDeviceGetUuid_v2(byte[] uuid, int device);

    static native int cuDeviceGetPCIBusId(byte[] id, int length, int device);

    static native int cuDeviceGetAttribute(int[] value, int attribute, int device);

    static native int cuDeviceTotalMem_v2(long[] bytes, int device);

    static native int cuGetErrorName(int status, long[] text);

    static native int cuGetErrorString(int status, long[] text);

    public static native int cuDevicePrimaryCtxRetain(long[] context, int device);

    public static native int cuDevicePrimaryCtxRelease_v2(int device);

    public static native int cuCtxSetCurrent(long context);

    public static native int cuStreamCreate(long[] stream, int flags);

    public static native int cuStreamDestroy_v2(long stream);

    public static native int cuStreamSynchronize(long stream);

    public static native int cuEventCreate(long[] event, int flags);

    public static native int cuEventDestroy_v2(long event);

    public static native int cuEventRecord(long event, long stream);

    public static native int cuEventSynchronize(long event);

    // ---------------------------------------------------------------- kernels

    public static native int cuModuleLoadData(long[] module, Pointer image);

    public static native int cuModuleUnload(long module);

    public static native int cuModuleGetFunction(long[] function, long module, String name);

    public static native int cuFuncSetAttribute(long function, int attribute, int value);

    public static native int cuLaunchKernel(
            long function,
            int gridX,
            int gridY,
            int gridZ,
            int blockX,
            int blockY,
            int blockZ,
            int sharedBytes,
            long stream,
            long parameters,
            long extra);

    // ---------------------------------------------------------------- memory

    public static native int cuDeviceGetDefaultMemPool(long[] pool, int device);

    public static native int cuMemPoolSetAttribute(long pool, int attribute, long[] value);

    public static native int cuMemPoolTrimTo(long pool, long bytes);

    public static native int cuMemAllocAsync(long[] address, long bytes, long stream);

    public static native int cuMemFreeAsync(long address, long stream);

    public static native int cuMemGetInfo_v2(long[] free, long[] total);

    public static native int cuMemHostAlloc(long[] address, long bytes, int flags);

    public static native int cuMemFreeHost(long address);

    public static native int cuMemHostRegister_v2(long address, long bytes, int flags);

    public static native int cuMemHostUnregister(long address);

    public static native int cuMemcpyHtoDAsync_v2(long target, long source, long bytes, long stream);

    public static native int cuMemcpyDtoHAsync_v2(long target, long source, long bytes, long stream);

    public static native int cuMemcpyDtoDAsync_v2(long target, long source, long bytes, long stream);

    public static native int cuMemsetD8Async(long target, byte value, long bytes, long stream);
}
