package org.seqpe.cli.doctor;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.util.VersionInfo;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.seqpe.compute.backend.InstalledBackend;
import org.seqpe.compute.cuda.driver.CublasLt;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.Redaction;

/** The program, its Java, its libraries and its environment. */
final class ProgramFindings {
    private static final String VECTOR_API = "jdk.incubator.vector";
    /** Variables that change what this program does, and beginnings of the names of more. */
    private static final Set<String> VARIABLES = Set.of(
            "CUDA_VISIBLE_DEVICES",
            "CUDA_DEVICE_ORDER",
            "CUDA_HOME",
            "NVIDIA_VISIBLE_DEVICES",
            "LD_LIBRARY_PATH",
            "LD_PRELOAD",
            "JAVA_HOME",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "TMPDIR",
            "LC_ALL",
            "LANG",
            "OMP_NUM_THREADS",
            "MALLOC_ARENA_MAX",
            "HADOOP_CONF_DIR",
            "HADOOP_USER_NAME",
            "YARN_CONF_DIR");

    private static final List<String> BEGINNINGS = List.of("SEQPE_", "SPARK_", "OPENBLAS_", "EMULATED_CUDA_");
    /** Shown also if they are not set. */
    private static final List<String> ALWAYS = List.of("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH");

    private ProgramFindings() {}

    static Findings program() {
        return new Findings()
                .look("version", BuildInfo::version)
                .look("commit", BuildInfo::commit)
                .look("built_against", () -> BuildInfo.versions().entrySet().stream()
                        .filter(entry -> !Set.of("seqpe", "java").contains(entry.getKey()))
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .toList())
                .look(
                        "spark",
                        () -> org.apache.spark.package$.MODULE$.SPARK_VERSION() + ", Scala "
                                + scala.util.Properties.versionNumberString())
                .look("hadoop", VersionInfo::getVersion)
                .look("nd4j_backend", () -> InstalledBackend.isCuda() ? "CUDA (the profile nd4j-cuda)" : "CPU");
    }

    static Findings java() {
        return new Findings()
                .look("version", () -> System.getProperty("java.version"))
                .look("vendor", () -> System.getProperty("java.vendor"))
                .look(
                        "virtual_machine",
                        () -> System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"))
                .look("home", () -> System.getProperty("java.home"))
                .look(
                        "vector_api",
                        () -> ModuleLayer.boot().findModule(VECTOR_API).isPresent()
                                ? "there"
                                : "missing (start the JVM with --add-modules " + VECTOR_API + ")")
                .look("collectors", () -> ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(collector -> collector.getName())
                        .toList())
                .look(
                        "file_names",
                        () -> System.getProperty("sun.jnu.encoding") + " (must be UTF-8 for names outside of ASCII)")
                .look("options", () -> ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        // What Spark needs; there are many, and they are always the same.
                        .filter(option -> !option.startsWith("--add-opens"))
                        .toList());
    }

    /** The limit of direct buffers. */
    static long directMemory() {
        String limit = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue();
        // 0 stands for the default, the size of the heap.
        return limit.equals("0") ? Runtime.getRuntime().maxMemory() : Long.parseLong(limit);
    }

    /** JavaCPP's limit of what tensors take outside of the heap. */
    static long javacppMemory() {
        return Pointer.maxBytes();
    }

    static Findings libraries() {
        return new Findings()
                .look("jna", () -> Native.VERSION + " (native " + Native.VERSION_NATIVE + ")")
                .look("javacpp", Loader::getVersion)
                .look("openblas", ProgramFindings::openBlas)
                .look("nd4j", () -> Loader.getVersion("org.nd4j", "nd4j-native"))
                .look("cublaslt", () -> Findings.orNone(ProgramFindings::cublasLt));
    }

    private static String openBlas() throws IOException {
        Loader.load(openblas_nolapack.class);
        Path file = loaded("libopenblas");
        // Its version and the kernels that it has chosen.
        return NativeLibrary.getInstance(file.toString())
                        .getFunction("openblas_get_config")
                        .invokeString(new Object[0], false)
                        .strip()
                + ", " + file;
    }

    private static String cublasLt() throws IOException {
        CublasLt.bind();
        long version = CublasLt.cublasLtGetVersion();
        return version / 10_000 + "." + version / 100 % 100 + "." + version % 100 + ", " + loaded("libcublasLt");
    }

    /** The file of a library that this process has loaded. */
    static Path loaded(String name) throws IOException {
        // ADDRESS RIGHTS OFFSET DEVICE INODE PATH
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.UTF_8)) {
            return lines.map(line -> line.split("\\s+", 6))
                    .filter(parts -> parts.length == 6)
                    .map(parts -> Path.of(parts[5]))
                    .filter(file -> file.getFileName() != null
                            && file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no library " + name + " is loaded"));
        }
    }

    static Findings environment() {
        Set<String> names = System.getenv().keySet().stream()
                .filter(name -> VARIABLES.contains(name) || BEGINNINGS.stream().anyMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
        names.addAll(ALWAYS);
        Findings findings = new Findings();
        for (String name : names) {
            findings.look(name, () -> {
                String value = System.getenv(name);
                if (value == null) {
                    return "not set";
                }
                // The file with a secret is not one itself.
                boolean isSecret = Redaction.isSensitive(name) && !name.endsWith("_FILE");
                return isSecret ? Redaction.REDACTED : value;
            });
        }
        return findings;
    }
}
