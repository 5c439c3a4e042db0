package org.seqpe.compute.backend;

import java.util.List;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;

/**
 * What ND4J's CUDA backend asks of a machine. Its library has machine code for some GPUs and no PTX, which a driver
 * could translate for others. Code for capability X.y runs on X.z with z of at least y, and on no other X: CUDA C++
 * Programming Guide, Binary Compatibility.
 */
final class CudaRequirements {
    /** As major * 10 + minor; in each of the fat binaries of nd4j-cuda-11.6 1.0.0-M2.1's libnd4jcuda.so. */
    private static final int[] CODE = {37, 50, 52, 60, 61, 70, 75, 80, 86};

    private static final String CODE_TEXT =
            "3.7, 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0 and 8.6 (also 8.9, which runs the code for 8.6)";
    /** CUDA 11's drivers run programs of every CUDA 11.x: CUDA Compatibility, Minor Version Compatibility. */
    private static final int LEAST_DRIVER = 11_000;

    private CudaRequirements() {}

    /**
     * @param driver the newest CUDA that the driver knows, as it numbers them: 11060 is 11.6
     * @param gpus that it shows to this process; all of them, because ND4J spreads its threads over them
     * @throws UserException where ND4J's CUDA backend cannot run: it says whether no GPU, the driver or which GPU is to
     *     blame
     */
    static void check(int driver, List<CudaGpu> gpus) {
        if (gpus.isEmpty()) {
            throw new UserException(
                    "Cannot compute with ND4J's CUDA backend: no usable GPU. Expected an NVIDIA GPU, found NVIDIA's driver but no GPU that it shows to this process"
                            + visibleDevices()
                            + "; make one visible, or use a distribution without the profile nd4j-cuda, which computes on the processor.");
        }
        if (driver < LEAST_DRIVER) {
            throw new UserException(
                    "Cannot compute with ND4J's CUDA backend: NVIDIA's driver is too old. Expected one for CUDA 11.0 or newer (450.80.02), found one for CUDA "
                            + driver / 1000 + "." + driver % 1000 / 10 + "; install a newer driver.");
        }
        List<CudaGpu> without = gpus.stream().filter(gpu -> !hasCode(gpu)).toList();
        if (!without.isEmpty()) {
            throw new UserException(
                    "Cannot compute with ND4J's CUDA backend: it has no code for this GPU. Expected compute capability "
                            + CODE_TEXT + ", found "
                            + without.stream().map(CudaGpu::toString).collect(Collectors.joining("; ")) + "; "
                            + (without.size() < gpus.size()
                                    ? "hide it with CUDA_VISIBLE_DEVICES, because ND4J starts on every GPU that it sees."
                                    : "use another GPU, or a distribution without the profile nd4j-cuda, which computes on the processor."));
        }
    }

    private static boolean hasCode(CudaGpu gpu) {
        for (int code : CODE) {
            if (code / 10 == gpu.major() && code % 10 <= gpu.minor()) {
                return true;
            }
        }
        return false;
    }

    private static String visibleDevices() {
        String visible = System.getenv("CUDA_VISIBLE_DEVICES");
        return visible == null ? "" : " (CUDA_VISIBLE_DEVICES=" + visible + ")";
    }
}
