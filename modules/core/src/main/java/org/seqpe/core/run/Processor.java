package org.seqpe.core.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The system's description of this machine's processor. */
public final class Processor {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Processor() {}

    /** The fields of the first processor in /proc/cpuinfo, such as "model name"; empty if there is no such file. */
    public static Map<String, String> fields() {
        Map<String, String> fields = new TreeMap<>();
        try {
            Files.readAllLines(CPU_INFO, StandardCharsets.UTF_8).stream()
                    .map(line -> line.split("\\s*:\\s*", 2))
                    .filter(pair -> pair.length == 2)
                    .forEach(pair -> fields.putIfAbsent(pair[0], pair[1]));
        } catch (IOException e) {
            return Map.of();
        }
        return fields;
    }

    /** The model if the system reports it, otherwise the architecture. */
    public static String model() {
        return fields().getOrDefault("model name", System.getProperty("os.arch"));
    }
}
