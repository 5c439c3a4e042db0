package org.seqpe.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.seqpe.core.io.Json;

/**
 * Memory of one side alone in a process of its own, as the operating system sees it (resident set).
 *
 * @param before bytes when the libraries were loaded and no model was there
 * @param peak most bytes during steps after the first two, which allocate what is kept
 */
record MemoryUse(long before, long peak) {
    private static final int FIRST_STEPS = 2;
    private static final int STEPS = 3;

    String describe() {
        return String.format(Locale.ROOT, "%d (+%d) MiB", peak >> 20, (peak - before) >> 20);
    }

    /** Measures in this process, which must have done nothing else. */
    static MemoryUse measure(java.util.function.Supplier<Side> maker, Runnable load, Batch batch, boolean training) {
        load.run();
        System.gc();
        long before = field("VmRSS");
        Side side = maker.get();
        side.begin();
        step(side, batch, training, FIRST_STEPS);
        System.gc();
        resetPeak();
        step(side, batch, training, STEPS);
        return new MemoryUse(before, field("VmHWM"));
    }

    private static void step(Side side, Batch batch, boolean training, int count) {
        for (int i = 0; i < count; i++) {
            if (training) {
                side.train(batch);
            } else {
                side.evaluate(batch);
            }
        }
    }

    /** Measures in a process with this one's JVM options and class path. */
    static MemoryUse inOwnProcess(List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        // The heap holds the starting weights for a moment; a large one would keep that memory.
        command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), Bench.class.getName()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(
                        "Cannot measure memory: " + command + " ended with status " + process.exitValue());
            }
            String last = output.lines().reduce((first, second) -> second).orElse("");
            return Json.parse(last, MemoryUse.class, "the output of " + arguments);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot measure memory", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while measuring memory", e);
        }
    }

    private static long field(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read /proc/self/status", e);
        }
    }

    private static void resetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot reset the peak of resident memory", e);
        }
    }
}
