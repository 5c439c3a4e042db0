package org.seqpe.compute.cuda;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.compute.cuda.driver.DriverApi;
import org.seqpe.compute.cuda.driver.Gpus;

/**
 * Libraries that stand in for NVIDIA's driver and for cuBLASLt, made of our kernels' own sources: src/test/cuda. With
 * them the CUDA device runs as it is on a machine without a GPU, all of it but the hardware. With
 * {@code -Dseqpe.test.cuda=real} nothing is built, and {@link #newDevice} is on the first GPU that the process's driver
 * shows: the check of a real card (modules/bench/gpu-check).
 */
public final class EmulatedCuda {
    /** The module that has the sources, from its own tests and from those of a module beside it. */
    private static final Path MODULE =
            Files.exists(Path.of("src/main/cuda/build.sh")) ? Path.of("") : Path.of("../compute");

    private static final Path SOURCES = MODULE.resolve("src/main/cuda");
    private static final Path LIBRARIES = MODULE.resolve("target/cuda/libraries");
    private static final int MINUTES = 10;
    private static final boolean REAL = "real".equals(System.getProperty("seqpe.test.cuda"));
    private static NativeLibrary driver;

    private EmulatedCuda() {}

    /** Whether this machine can build and run them; the emulation switches stacks by x86-64 instructions. */
    public static boolean isAvailable() {
        return REAL
                || System.getProperty("os.arch").equals("amd64")
                        && Stream.of("bash", "g++", "nm", "python3").allMatch(EmulatedCuda::isInstalled);
    }

    static boolean isInstalled(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Builds them where that was not done, and makes this process use them. */
    public static synchronized void start() {
        if (REAL) {
            return;
        }
        if (driver == null) {
            build();
            driver = NativeLibrary.getInstance(
                    LIBRARIES.resolve("libcuda.so.1").toAbsolutePath().toString());
        }
        System.setProperty(DriverApi.LIBRARY_PROPERTY, driver.getFile().getAbsolutePath());
        System.setProperty(CublasLt.LIBRARY_PROPERTY, LIBRARIES.toAbsolutePath().toString());
    }

    /** Makes this process look for the system's libraries again. */
    public static void stop() {
        if (REAL) {
            return;
        }
        System.clearProperty(DriverApi.LIBRARY_PROPERTY);
        System.clearProperty(CublasLt.LIBRARY_PROPERTY);
    }

    /** A device on the first emulated GPU. */
    public static CudaDevice newDevice() {
        return newDevice(Precision.FLOAT32);
    }

    /** A device of this precision on the first emulated GPU, or on the first real one. */
    public static CudaDevice newDevice(Precision precision) {
        if (REAL) {
            CublasLt.bind();
            return CudaDevice.open(Gpus.list().get(0), KernelImage.load(), precision);
        }
        start();
        CublasLt.bind();
        // The emulated driver has the kernels and ignores machine code.
        return CudaDevice.open(Gpus.list().get(0), new byte[0], precision);
    }

    /** Changes how the emulated driver behaves; the keys are in emulated_driver.cc. A real one has no such keys. */
    public static void set(String key, long value) {
        if (REAL) {
            return;
        }
        int known = driver.getFunction("emulatedCudaSet").invokeInt(new Object[] {key, value});
        if (known != 0) {
            throw new IllegalArgumentException("Cannot set " + key);
        }
    }

    /** What the emulated driver has counted; 0 of a real one. */
    public static long get(String key) {
        return REAL ? 0 : driver.getFunction("emulatedCudaGet").invokeLong(new Object[] {key});
    }

    /** Makes the next launch of a kernel fail with this status. */
    public static void fail(String kernel, int status) {
        driver.getFunction("emulatedCudaFailKernel").invokeInt(new Object[] {kernel, status});
    }

    private static void build() {
        try {
            Path log = Files.createTempFile("libraries", ".log");
            Process process = new ProcessBuilder(
                            "bash", SOURCES.resolve("build.sh").toString(), "libraries")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "Cannot build the emulated libraries:\n" + Files.readString(log, StandardCharsets.ISO_8859_1));
            }
            Files.delete(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
