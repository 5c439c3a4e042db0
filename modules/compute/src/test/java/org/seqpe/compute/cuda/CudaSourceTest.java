package org.seqpe.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CUDA kernels, compiled for the processor and compared with double-precision loops: src/main/cuda/build.sh. No GPU
 * and no CUDA is needed.
 */
class CudaSourceTest {
    private static final Path SOURCES = Path.of("src/main/cuda");
    private static final int MINUTES = 10;

    @Test
    void kernelsAgreeWithTheReferences(@TempDir Path target) throws Exception {
        assumeTrue(
                System.getProperty("os.arch").equals("amd64"), "the emulation switches stacks by x86-64 instructions");
        assumeTrue(Stream.of("bash", "g++").allMatch(EmulatedCuda::isInstalled), "bash and g++ are needed");
        Path log = target.resolve("log");
        ProcessBuilder build =
                new ProcessBuilder("bash", SOURCES.resolve("build.sh").toString(), "emulate");
        build.environment().put("CUDA_TARGET", target.toString());
        Process process =
                build.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(
                    process.waitFor(MINUTES, TimeUnit.MINUTES),
                    () -> "no end after " + MINUTES + " minutes: " + read(log));
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> failures(read(log)));
        assertTrue(
                read(log).stream().filter(line -> line.startsWith("ok ")).count() > 100,
                () -> "few cases: " + read(log));
    }

    /** The failed cases, each with the details that follow it; without any, all that the compiler said. */
    private static String failures(List<String> lines) {
        String failed = lines.stream()
                .filter(line -> line.startsWith("FAIL") || line.startsWith("     "))
                .collect(Collectors.joining("\n"));
        return failed.isEmpty() ? String.join("\n", lines) : failed;
    }

    private static List<String> read(Path log) {
        try {
            return Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of("no log: " + e);
        }
    }
}
