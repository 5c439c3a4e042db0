package org.seqpe.compute.backend;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.UserException;

/**
 * NVIDIA's driver, asked through its C interface (CUDA Driver API: Initialization, Version Management, Device
 * Management). It needs none of CUDA's own libraries, so that the GPU can be judged before they are loaded.
 */
final class CudaDriver {
    static final String LIBRARY = "libcuda.so.1";
    private static final int SUCCESS = 0;
    private static final int NO_DEVICE = 100;
    private static final int COMPUTE_CAPABILITY_MAJOR = 75;
    private static final int COMPUTE_CAPABILITY_MINOR = 76;
    private static final int NAME_BYTES = 256;
    private final NativeLibrary library;

    private CudaDriver(NativeLibrary library) {
        this.library = library;
    }

    /** @throws UserException where there is no such library */
    static CudaDriver load(String name) {
        try {
            return new CudaDriver(NativeLibrary.getInstance(name));
        } catch (UnsatisfiedLinkError e) {
            // Its message lists the whole class path.
            throw new UserException(
                    "Cannot compute with ND4J's CUDA backend: no usable GPU. Expected NVIDIA's driver, found no " + name
                            + "; install the driver of an NVIDIA GPU, in a container pass the host's through (nvidia-container-toolkit), or use a distribution without the profile nd4j-cuda, which computes on the processor.",
                    e);
        }
    }

    /** The newest CUDA that it knows: 1000 * major + 10 * minor. */
    int version() {
        IntByReference version = new IntByReference();
        require("cuDriverGetVersion", version);
        return version.getValue();
    }

    /**
     * What it shows to this process, after CUDA_VISIBLE_DEVICES.
     *
     * @throws UserException where the driver does not work
     */
    List<CudaGpu> gpus() {
        int status = call("cuInit", 0);
        if (status == NO_DEVICE) {
            return List.of();
        }
        requireSuccess("cuInit", status);
        IntByReference count = new IntByReference();
        require("cuDeviceGetCount", count);
        List<CudaGpu> gpus = new ArrayList<>();
        for (int i = 0; i < count.getValue(); i++) {
            IntByReference device = new IntByReference();
            require("cuDeviceGet", device, i);
            byte[] name = new byte[NAME_BYTES];
            require("cuDeviceGetName", name, NAME_BYTES, device.getValue());
            gpus.add(new CudaGpu(
                    i,
                    text(name),
                    attribute(COMPUTE_CAPABILITY_MAJOR, device.getValue()),
                    attribute(COMPUTE_CAPABILITY_MINOR, device.getValue())));
        }
        return gpus;
    }

    private int attribute(int attribute, int device) {
        IntByReference value = new IntByReference();
        require("cuDeviceGetAttribute", value, attribute, device);
        return value.getValue();
    }

    private static String text(byte[] name) {
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    private void require(String function, Object... arguments) {
        requireSuccess(function, call(function, arguments));
    }

    private void requireSuccess(String function, int status) {
        if (status != SUCCESS) {
            throw new UserException(
                    "Cannot compute with ND4J's CUDA backend: no usable GPU. Expected NVIDIA's driver to answer, found that its "
                            + function + " fails with error " + status + describe(status)
                            + "; see whether nvidia-smi works on this machine.");
        }
    }

    private String describe(int status) {
        PointerByReference text = new PointerByReference();
        return call("cuGetErrorString", status, text) == SUCCESS && text.getValue() != null
                ? " (" + text.getValue().getString(0) + ")"
                : "";
    }

    private int call(String function, Object... arguments) {
        Function entry = library.getFunction(function);
        return entry.invokeInt(arguments);
    }
}
