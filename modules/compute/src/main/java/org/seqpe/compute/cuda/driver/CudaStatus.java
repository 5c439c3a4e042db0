package org.seqpe.compute.cuda.driver;

import com.sun.jna.Pointer;
import java.util.Set;

/** What the functions of {@link DriverApi} return (CUresult). */
public final class CudaStatus {
    public static final int SUCCESS = 0;
    public static final int OUT_OF_MEMORY = 2;
    static final int NO_DEVICE = 100;

    /**
     * After one of these every later call in the context fails: an uncorrectable memory error of the card (214, 220),
     * and the faults of kernels (700 to 719, without the errors of peers and of registered memory).
     */
    private static final Set<Integer> STICKY = Set.of(214, 220, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719);

    private CudaStatus() {}

    /** Whether the context cannot be used any more. */
    public static boolean isSticky(int status) {
        return STICKY.contains(status);
    }

    /** The driver's name and description of a status, such as "CUDA_ERROR_ILLEGAL_ADDRESS (700: an illegal ...)". */
    public static String describe(int status) {
        long[] name = new long[1];
        long[] text = new long[1];
        boolean known = DriverApi.cuGetErrorName(status, name) == SUCCESS
                && DriverApi.cuGetErrorString(status, text) == SUCCESS
                && name[0] != 0
                && text[0] != 0;
        return known ? string(name[0]) + " (" + status + ": " + string(text[0]) + ")" : "error " + status;
    }

    private static String string(long address) {
        return new Pointer(address).getString(0);
    }
}
