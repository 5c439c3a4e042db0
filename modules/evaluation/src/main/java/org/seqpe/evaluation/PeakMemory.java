package org.seqpe.evaluation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The most memory that this process has held resident (Linux's VmHWM, see proc(5)): heap, native tensors and mapped
 * files together. It is the process's high-water mark, so garbage that the JVM has not yet returned counts.
 */
public final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");

    private PeakMemory() {}

    /**
     * Lowers the mark to what is resident now; where the system does not allow that, the mark stays that of the whole
     * process.
     */
    public static void reset() {
        try {
            Files.writeString(CLEAR_REFS, "5");
        } catch (IOException notAllowedHere) {
            // The mark then covers more than this measurement: an upper bound, as docs/evaluation.md says.
        }
    }

    /** Bytes; empty on systems without /proc. */
    public static OptionalLong bytes() {
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst();
        } catch (IOException | java.io.UncheckedIOException noProc) {
            return OptionalLong.empty();
        }
    }
}
