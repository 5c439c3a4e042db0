package org.seqpe.spark.train;

import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneCluster;

/** A training whose driver is a process of its own, as {@code seqpe train} in client mode is one. */
public final class TrainingProcess {
    private TrainingProcess() {}

    /**
     * Starts a driver that begins the run, or continues it.
     *
     * @param folder for the driver's settings and its log
     * @param config {@code key=value} settings above the defaults
     */
    public static Process start(Path folder, StandaloneCluster cluster, Path run, List<String> config)
            throws IOException {
        Map<String, String> settings = new HashMap<>(cluster.settings());
        // They live for seconds, too short for the optimizing compiler to pay.
        settings.put("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        return start(folder, cluster.master(), settings, run, config);
    }

    /** The same on any Spark master, with its settings. */
    static Process start(Path folder, String master, Map<String, String> spark, Path run, List<String> config)
            throws IOException {
        Properties settings = new Properties();
        settings.putAll(spark);
        Path file = folder.resolve("driver.properties");
        try (var out = Files.newOutputStream(file)) {
            settings.store(out, null);
        }
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of(
                "-cp",
                StandaloneCluster.classPath(),
                TrainingProcess.class.getName(),
                master,
                file.toString(),
                run.toString()));
        command.addAll(config);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        return builder.redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(run.getFileName() + ".log").toFile()))
                .start();
    }

    /** Step, names and hashes of a run's last checkpoint, which is verified. */
    public static List<String> files(Path run) {
        Checkpoints.Checkpoint last =
                new RunFolder(run.toString()).checkpoints().latest().orElseThrow();
        return last.manifest().files().stream()
                .map(file -> last.step() + " " + file.name() + " " + file.sha256())
                .toList();
    }

    /** Arguments: master, file of Spark settings, run folder, configuration. */
    public static void main(String[] arguments) throws IOException {
        Properties settings = new Properties();
        try (Reader in = Files.newBufferedReader(Path.of(arguments[1]))) {
            settings.load(in);
        }
        Map<String, String> all = new HashMap<>();
        settings.forEach((key, value) -> all.put((String) key, (String) value));
        List<String> config = List.of(arguments).subList(3, arguments.length);
        try (SparkSession session = SparkSessions.create(arguments[0], arguments[2], all)) {
            TrainJob.run(
                    new JavaSparkContext(session.sparkContext()),
                    ConfigReader.defaults(config),
                    arguments[2],
                    Progress.none());
        }
    }
}
