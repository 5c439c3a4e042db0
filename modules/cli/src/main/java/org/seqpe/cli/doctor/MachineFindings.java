package org.seqpe.cli.doctor;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.seqpe.core.run.Processor;

/** The machine, as far as a program sees it: system, processor, memory, disks. */
final class MachineFindings {
    /** Which vectors and matrices the processor has, by Linux's names in /proc/cpuinfo. */
    private static final List<String> VECTOR_UNITS = List.of(
            "avx",
            "f16c",
            "fma",
            "avx2",
            "avx_vnni",
            "avx512f",
            "avx512dq",
            "avx512bw",
            "avx512vl",
            "avx512_vnni",
            "avx512_bf16",
            "avx512_fp16",
            "amx_tile",
            "amx_int8",
            "amx_bf16");

    private static final int BYTES_PER_KIB = 1024;

    private MachineFindings() {}

    static Findings system() {
        return new Findings()
                .look("name", MachineFindings::systemName)
                .look("kernel", () -> System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .look("architecture", () -> System.getProperty("os.arch"))
                .look("glibc", () -> NativeLibrary.getInstance("libc.so.6")
                        .getFunction("gnu_get_libc_version")
                        .invokeString(new Object[0], false));
    }

    private static String systemName() throws IOException {
        return Files.readAllLines(Path.of("/etc/os-release"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", ""))
                .findFirst()
                .orElse(null);
    }

    static Findings processor() {
        return new Findings()
                .look("model", Processor::model)
                .look("logical_processors", () -> {
                    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8)) {
                        return lines.filter(line -> line.matches("processor\\s*:.*"))
                                .count();
                    }
                })
                .look(
                        "cgroup_limit",
                        () -> ControlGroup.ofThisProcess().processors().orElse(null))
                .look("java_sees", () -> Runtime.getRuntime().availableProcessors())
                .look("vector_units", MachineFindings::vectorUnits);
    }

    private static List<String> vectorUnits() throws IOException {
        Map<String, String> fields = Processor.fields();
        if (!fields.containsKey("flags")) {
            throw new IOException("/proc/cpuinfo lists no flags");
        }
        List<String> flags = Arrays.asList(fields.get("flags").split(" "));
        return VECTOR_UNITS.stream().filter(flags::contains).toList();
    }

    static Findings memory() {
        return new Findings()
                .look("machine_bytes", () -> memoryInfo("MemTotal"))
                .look("available_bytes", () -> memoryInfo("MemAvailable"))
                .look(
                        "cgroup_limit_bytes",
                        () -> ControlGroup.ofThisProcess().memory().orElse(null))
                .look("java_heap_bytes", () -> Runtime.getRuntime().maxMemory())
                .look("java_direct_bytes", ProgramFindings::directMemory)
                .look("javacpp_bytes", ProgramFindings::javacppMemory);
    }

    private static long memoryInfo(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo"), StandardCharsets.UTF_8).stream()
                .map(line -> line.split("[:\\s]+"))
                .filter(words -> words[0].equals(key))
                .map(words -> Long.parseLong(words[1]) * BYTES_PER_KIB)
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/meminfo has no " + key));
    }

    /** @param libraries where native libraries are unpacked */
    static Findings disks(Path libraries) {
        return new Findings()
                .look("current_folder", () -> disk(Path.of("")))
                .look("temporary_folder", () -> disk(Path.of(System.getProperty("java.io.tmpdir"))))
                .look("unpacked_libraries", () -> disk(libraries));
    }

    private static Findings disk(Path folder) throws IOException {
        Path path = folder.toAbsolutePath();
        // What has yet to be made goes to the disk of the folder above.
        Path existing = path;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        FileStore store = Files.getFileStore(existing);
        Path known = existing;
        return new Findings()
                .look("path", path::toString)
                .look("free_bytes", store::getUsableSpace)
                .look("total_bytes", store::getTotalSpace)
                .look("file_system", store::type)
                .look("writable", () -> Files.isWritable(known));
    }
}
