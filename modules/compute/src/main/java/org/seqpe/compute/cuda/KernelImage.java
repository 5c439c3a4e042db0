package org.seqpe.compute.cuda;

import org.seqpe.core.io.Resources;

/**
 * The kernels' machine code, made by src/main/cuda/build.sh from the sources beside it: one fat binary with code for
 * several compute capabilities, of which the driver takes what fits, and PTX, which it compiles for others.
 */
final class KernelImage {
    /** The oldest capability that the code runs on. */
    static final int LEAST_CAPABILITY = 80;

    /** The oldest driver that can load it, as drivers number CUDA: the code is made by CUDA 13. */
    static final int LEAST_DRIVER = 13_000;

    private static final String RESOURCE = "kernels.fatbin";

    private KernelImage() {}

    static byte[] load() {
        return Resources.bytes(KernelImage.class, RESOURCE);
    }
}
