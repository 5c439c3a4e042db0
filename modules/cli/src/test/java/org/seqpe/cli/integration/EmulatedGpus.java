package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Libraries that stand in for NVIDIA's driver and cuBLASLt, two GPUs on a machine that has none. The script of the
 * module compute makes them, if they are not there yet.
 */
final class EmulatedGpus {
    private static final Path COMPUTE = Path.of("../compute").toAbsolutePath().normalize();
    private static final Path LIBRARIES = COMPUTE.resolve("target/cuda/libraries");

    private EmulatedGpus() {}

    /** Options that make a JVM use them. The test is skipped where they cannot be made. */
    static List<String> options(Path logs) throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "The emulation is for x86-64");
        for (String program : List.of("bash", "g++", "nm", "python3")) {
            assumeTrue(isInstalled(program), program + ", which makes the emulated GPUs, is not installed");
        }
        Path log = logs.resolve("libraries.log");
        try (CommandProcess build = CommandProcess.script(
                log, Map.of(), "bash", COMPUTE.resolve("src/main/cuda/build.sh").toString(), "libraries")) {
            int status = build.end();
            assertThat(status).as(Files.readString(log)).isZero();
        }
        return List.of(
                "-Dseqpe.cuda.driver=" + LIBRARIES.resolve("libcuda.so.1"), "-Dseqpe.cuda.cublaslt=" + LIBRARIES);
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
