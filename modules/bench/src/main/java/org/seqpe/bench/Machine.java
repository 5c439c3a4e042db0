package org.seqpe.bench;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.seqpe.core.BuildInfo;
import org.seqpe.core.run.Processor;

/**
 * Where and with what something was measured.
 *
 * @param load the operating system's load average of the last minute when the measurement began: other programs' work
 *     where it is above 0
 */
record Machine(String processor, int cores, double load, String commit, Map<String, String> versions, String date) {
    static Machine current() {
        Map<String, String> versions = new TreeMap<>(BuildInfo.versions());
        versions.put("libtorch", torch.class.getPackage().getImplementationVersion());
        versions.put("libtorch-vectors", torch.get_cpu_capability().getString());
        versions.put("openblas", openblas_nolapack.class.getPackage().getImplementationVersion());
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                BuildInfo.commit(),
                versions,
                Instant.now().toString());
    }

    private static String processorName() {
        Map<String, String> fields = Processor.fields();
        return fields.isEmpty()
                ? Processor.model()
                : fields.get("model name") + " (family " + fields.get("cpu family") + ", model " + fields.get("model")
                        + ")";
    }
}
