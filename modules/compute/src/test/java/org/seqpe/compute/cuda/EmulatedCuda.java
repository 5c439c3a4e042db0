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
 * them the CUDA device runs as it is on a machine without a GPU, all of it but the hardware.
 */
public final class EmulatedCuda {
    /** The module that has the sources, from its own tests and from those of a module beside it. */
    private static final Path MODULE =
            Files.exists(Path.of("src/main/cuda/build.sh")) ? Path.of("") : Path.of("../compute");

    private static final Path SOURCES = MODULE.resolve("src/main/cuda");
    private static final Path LIBRARIES = MODULE.resolve("target/cuda/libraries");
    private static final int MINUTES = 10;
    private static NativeLibrary driver;

    private EmulatedCuda() {}

    /** Whether this machine can build and run them; the emulation switches stacks by x86-64 instructions. */
    public static boolean isAvailable() {
        return System.getProperty("os.arch").equals("amd64")
                && Stream.of("bash", "g++", "nm", "python3").allMatch(EmulatedCuda::isInstalled);
    }

    static boolean isInstalled(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** Builds them where that was not done, and makes this process use them. */
    public static synchronized void start() {
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
        System.clearProperty(DriverApi.LIBRARY_PROPERTY);
        System.clearProperty(CublasLt.LIBRARY_PROPERTY);
    }

    /** A device on the first emulated GPU. */
    public static CudaDevice newDevice() {
        return newDevice(Precision.FLOAT32);
    }

    /** A device of this precision on the first emulated GPU. */
    public static CudaDevice newDevice(Precision precision) {
        start();
        CublasLt.bind();
        // The emulated driver has the kernels and ignores machine code.
        return CudaDevice.open(Gpus.list().get(0), new byte[0], precision);
    }

    /** Changes how the emulated driver behaves; the keys are in emulated_driver.cc. */
    public static void set(String key, long value) {
        int known = driver.getFunction("emulatedCudaSet").invokeInt(new Object[] {key, value});
        if (known != 0) {
            throw new IllegalArgumentException("Cannot set " + key);
        }
    }

    /** What the emulated driver has counted. */
    public static long get(String key) {
        return driver.getFunction("emulatedCudaGet").invokeLong(new Object[] {key});
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
