package org.seqpe.compute.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

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
        try (InputStream in = KernelImage.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find the kernels' machine code: expected the resource "
                        + RESOURCE + " beside " + KernelImage.class.getName());
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + RESOURCE, e);
        }
    }
}
