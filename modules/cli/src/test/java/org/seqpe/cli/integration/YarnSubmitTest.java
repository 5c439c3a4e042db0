package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/**
 * deploy/yarn/submit.sh on a real YARN, a ResourceManager and a NodeManager in this JVM, with Spark's own SparkSubmit:
 * application master and executors are processes with the jars of {@code cluster-lib} beside those that are Spark's.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
@Timeout(600)
class YarnSubmitTest {
    /** Two rounds. */
    private static final int STEPS = 2 * TinyExperiment.STEPS_PER_ROUND;

    private static final Pattern APPLICATION = Pattern.compile("application_(\\d+)_(\\d+)");

    @TempDir
    private static Path folder;

    private static final Map<String, String> ENVIRONMENT = new HashMap<>();
    private static MiniYARNCluster cluster;
    private static YarnClient yarn;
    private static String configuration;
    private static RunFolder local;

    @BeforeAll
    static void start() throws Exception {
        Configurator.setLevel("org.apache.hadoop", Level.OFF);
        configuration = TinyExperiment.prepared(folder);
        local = TinyExperiment.trained(configuration, folder.resolve("local"), STEPS);

        cluster = new MiniYARNCluster(YarnSubmitTest.class.getSimpleName(), 1, 1, 1);
        cluster.init(settings());
        cluster.start();
        yarn = YarnClient.createYarnClient();
        yarn.init(cluster.getConfig());
        yarn.start();
        Distribution.forCluster(folder);
        installSpark();
    }

    @AfterAll
    static void stop() throws IOException {
        yarn.stop();
        cluster.stop();
        FileUtil.fullyDelete(cluster.getTestWorkDir());
        Configurator.setLevel("org.apache.hadoop", Level.WARN);
    }

    private static YarnConfiguration settings() {
        YarnConfiguration settings = new YarnConfiguration();
        settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 64);
        settings.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
        settings.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
        // Hadoop's own file with the queue is not in its jar for tests.
        String root = "yarn.scheduler.capacity.root";
        settings.set(root + ".queues", "default");
        settings.set(root + ".default.capacity", "100");
        settings.set(root + ".default.state", "RUNNING");
        settings.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0");
        // With the default, the first containers wait for a node that is never nearer.
        settings.set("yarn.scheduler.capacity.node-locality-delay", "-1");
        return settings;
    }

    /** The commands and files of a machine that submits: spark-submit, Spark's and Hadoop's settings. */
    private static void installSpark() throws IOException {
        String java = System.getProperty("java.home");
        Path hadoop = Files.createDirectory(folder.resolve("hadoop-conf"));
        try (OutputStream out = Files.newOutputStream(hadoop.resolve("yarn-site.xml"))) {
            cluster.getConfig().writeXml(out);
        }
        Path spark = Files.createDirectory(folder.resolve("spark-conf"));
        Files.writeString(
                spark.resolve("spark-defaults.conf"),
                """
                spark.yarn.jars local:%s/spark-jars/*
                spark.yarn.stagingDir file:%s/staging
                spark.yarn.appMasterEnv.JAVA_HOME %s
                spark.executorEnv.JAVA_HOME %s
                spark.ui.enabled false
                """
                        .formatted(folder, folder, java, java));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        // As Spark's own, whose launcher comes to the same.
        Path submit = Files.writeString(
                bin.resolve("spark-submit"),
                """
                #!/bin/sh
                exec "$JAVA_HOME/bin/java" -Xmx256m -XX:TieredStopAtLevel=1 --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \\
                    --add-opens=java.base/sun.nio.ch=ALL-UNNAMED -cp "%s:%s/spark-jars/*:%s" org.apache.spark.deploy.SparkSubmit "$@"
                """
                        .formatted(spark, folder, hadoop));
        Files.setPosixFilePermissions(submit, PosixFilePermissions.fromString("rwxr-xr-x"));
        ENVIRONMENT.putAll(Map.of(
                "PATH",
                bin + ":" + System.getenv("PATH"),
                "JAVA_HOME",
                java,
                "SPARK_CONF_DIR",
                spark.toString(),
                "HADOOP_CONF_DIR",
                hadoop.toString(),
                "SEQPE_CLUSTER_LIB",
                folder.resolve("cluster-lib").toString(),
                "SEQPE_EXECUTORS",
                "2"));
        for (String role : List.of("EXECUTOR", "DRIVER")) {
            ENVIRONMENT.putAll(Map.of(
                    "SEQPE_" + role + "_CORES",
                    "1",
                    "SEQPE_" + role + "_MEMORY",
                    "512m",
                    "SEQPE_" + role + "_NATIVE",
                    "256m",
                    "SEQPE_" + role + "_OVERHEAD",
                    "512m"));
        }
    }

    /** Submits, waits until the application has ended, and returns what YARN knows of it. */
    private static ApplicationReport submit(int status, String... arguments) throws Exception {
        Path log = Files.createTempFile(folder, "submit", ".log");
        List<String> command = new ArrayList<>(
                List.of(Distribution.DEPLOY.resolve("yarn/submit.sh").toString()));
        command.addAll(List.of(arguments));
        try (CommandProcess process = CommandProcess.script(log, ENVIRONMENT, command.toArray(String[]::new))) {
            int ended = process.end();
            assertThat(ended).as(() -> said(log)).isEqualTo(status);
        }
        Matcher application = APPLICATION.matcher(Files.readString(log));
        assertThat(application.find()).as(Files.readString(log)).isTrue();
        return yarn.getApplicationReport(ApplicationId.newInstance(
                Long.parseLong(application.group(1)), Integer.parseInt(application.group(2))));
    }

    /** What the submission and every container said. */
    private static String said(Path log) {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(cluster.getTestWorkDir().toPath())) {
            Stream<Path> outputs = files.filter(file -> file.endsWith("stderr") || file.endsWith("stdout"));
            for (Path file : Stream.concat(Stream.of(log), outputs).toList()) {
                all.append("\n== ").append(file).append('\n').append(Files.readString(file));
            }
        } catch (IOException e) {
            all.append(e);
        }
        return all.toString();
    }

    @Test
    void aTrainingSucceedsAndHasTheBitsOfAnEmbeddedOne() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("run").toString());
        ApplicationReport report = submit(0, TinyExperiment.train(configuration, run.path(), STEPS));
        assertThat(report.getFinalApplicationStatus())
                .as(report.getDiagnostics())
                .isEqualTo(FinalApplicationStatus.SUCCEEDED);
        assertThat(report.getName()).isEqualTo("seqpe train");
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
    }

    @Test
    void inputThatCannotBeUsedIsAFailureThatSaysWhy() throws Exception {
        ApplicationReport unread = submit(
                1,
                TinyExperiment.train(
                        folder.resolve("none.conf").toString(),
                        folder.resolve("none").toString(),
                        STEPS));
        ApplicationReport without = submit(
                1,
                TinyExperiment.train(
                        configuration,
                        folder.resolve("none").toString(),
                        STEPS,
                        "--set",
                        "data.path=" + folder.resolve("no-data")));
        for (ApplicationReport report : List.of(unread, without)) {
            assertThat(report.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.FAILED);
        }
        // Before there is a Spark session YARN shows the end of the process's output, from then on the diagnosis is the
        // program's.
        assertThat(unread.getDiagnostics()).contains("exit status 2: Cannot read " + folder.resolve("none.conf"));
        assertThat(without.getDiagnostics())
                .contains("exit status 2: Cannot open the dataset", "no-data")
                .hasLineCount(1);
    }
}
