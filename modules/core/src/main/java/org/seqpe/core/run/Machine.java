package org.seqpe.core.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a run was computed with, because its bits depend on it: kernels round by the processor's vectors, and libraries
 * choose theirs by its model.
 *
 * @param jvm name and version of the Java virtual machine
 * @param processor model of the driver's processor, and how many of them the JVM sees
 * @param device that the driver computes on
 */
public record Machine(String jvm, String processor, String device) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** This machine. */
    public static Machine here(String device) {
        return new Machine(
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                model() + ", " + Runtime.getRuntime().availableProcessors() + " processors",
                device);
    }

    /** The model where the system says it, otherwise the architecture. */
    private static String model() {
        try (var lines = Files.lines(CPU_INFO, StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException | RuntimeException e) {
            return System.getProperty("os.arch");
        }
    }
}
