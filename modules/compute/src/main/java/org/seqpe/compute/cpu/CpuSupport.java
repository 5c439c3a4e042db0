package org.seqpe.compute.cpu;

import java.util.Optional;
import org.seqpe.compute.backend.InstalledBackend;

/** Whether {@link CpuDevice} can run here. This class links to nothing that may be missing. */
final class CpuSupport {
    private static final int LEAST_BITS = 256;

    private CpuSupport() {}

    static Optional<String> unsupportedReason() {
        if (InstalledBackend.isCuda()) {
            return Optional.of(
                    "it computes on ND4J's arrays in host memory, and those of the CUDA backend are on the GPU; use a distribution without the profile nd4j-cuda");
        }
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return Optional.of("the Vector API is not loaded; start the JVM with --add-modules jdk.incubator.vector");
        }
        try {
            // By name, so that this class loads where the vector classes do not.
            Class<?> shape = Class.forName("jdk.incubator.vector.VectorShape");
            Object preferred = shape.getMethod("preferredShape").invoke(null);
            int bits = (int) shape.getMethod("vectorBitSize").invoke(preferred);
            if (bits < LEAST_BITS) {
                return Optional.of(
                        "the processor's vectors have " + bits + " bits; the kernels need " + LEAST_BITS + " (AVX2)");
            }
            Class.forName("org.bytedeco.openblas.global.openblas_nolapack");
        } catch (ReflectiveOperationException | LinkageError missing) {
            return Optional.of("OpenBLAS or the Vector API cannot be loaded (" + missing + ")");
        }
        return Optional.empty();
    }
}
