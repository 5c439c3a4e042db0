package org.seqpe.compute.backend;

import java.util.concurrent.atomic.AtomicBoolean;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.UserException;

/**
 * ND4J's backend in this installation: its CPU backend, or its CUDA backend where the distribution was built with the
 * profile nd4j-cuda. Nothing here starts ND4J, except {@link #requireUsable} where the CUDA backend is there and can
 * run.
 */
public final class InstalledBackend {
    private static final String CUDA_BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";
    /** What binds to CUDA's runtime, cuBLAS and cuSOLVER, and to ND4J's kernels. */
    private static final String[] CUDA_LIBRARIES = {
        "org.bytedeco.cuda.global.cudart",
        "org.bytedeco.cuda.global.cublas",
        "org.bytedeco.cuda.global.cusolver",
        "org.nd4j.linalg.jcublas.bindings.Nd4jCuda"
    };
    /** Looked up once, through all jars of the class path: every task asks. */
    private static final boolean CUDA = InstalledBackend.class.getClassLoader().getResource(CUDA_BACKEND) != null;

    private static final AtomicBoolean USABLE = new AtomicBoolean();

    private InstalledBackend() {}

    /** Whether ND4J computes on GPUs. */
    public static boolean isCuda() {
        return CUDA;
    }

    /**
     * Checks that the CUDA backend can run here. A process that computes calls this before it first uses ND4J, because
     * ND4J's own message about a missing driver, GPU or library is hard to read. Does nothing where ND4J computes on
     * the processor.
     *
     * @throws UserException where the CUDA backend cannot run here: no driver, no GPU, a GPU that it has no code for,
     *     or no CUDA libraries
     */
    public static void requireUsable() {
        if (isCuda() && !USABLE.get()) {
            CudaDriver driver = CudaDriver.load(CudaDriver.LIBRARY);
            CudaRequirements.check(driver.version(), driver.gpus());
            loadLibraries();
            USABLE.set(true);
        }
    }

    /**
     * Makes ND4J compute on a device in this thread: on GPU 0 where the address is empty, since ND4J would otherwise
     * assign a machine's GPUs to threads in turn. ND4J's CPU backend has no devices to choose from.
     *
     * @throws UserException where ND4J has no such device
     */
    public static void useAddress(String address) {
        if (!isCuda()) {
            return;
        }
        String number = address.isEmpty() ? "0" : address;
        int devices = Nd4j.getAffinityManager().getNumberOfDevices();
        if (!number.matches("\\d{1,4}") || Integer.parseInt(number) >= devices) {
            throw new UserException("Cannot use the device " + number + ": expected a number below " + devices
                    + ", the devices that ND4J finds on this machine.");
        }
        Nd4j.getAffinityManager().unsafeSetDevice(Integer.parseInt(number));
    }

    private static void loadLibraries() {
        for (String library : CUDA_LIBRARIES) {
            try {
                Class.forName(library);
            } catch (ClassNotFoundException | LinkageError e) {
                Throwable cause = e;
                while (cause.getCause() != null) {
                    cause = cause.getCause();
                }
                throw new UserException(
                        "Cannot compute with ND4J's CUDA backend: CUDA's libraries are missing. Expected those of CUDA 11.6 (cudart, cuBLAS, cuSOLVER), found "
                                + cause.getMessage()
                                + "; install CUDA 11.6 and name its folder in LD_LIBRARY_PATH, or build the distribution with the profile nd4j-cuda-redist too.",
                        e);
            }
        }
    }
}
