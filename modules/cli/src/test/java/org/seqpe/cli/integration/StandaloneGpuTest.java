package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/**
 * The scripts of deploy/standalone on a machine with two GPUs, which are emulated: one worker has both, one executor
 * computes a replica on each.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
@Timeout(300)
class StandaloneGpuTest {
    /** Two rounds. */
    private static final int STEPS = 2 * TinyExperiment.STEPS_PER_ROUND;

    @TempDir
    private static Path folder;

    private static final Map<String, String> ENVIRONMENT = new HashMap<>();
    private static String configuration;
    private static List<String> gpus;

    @BeforeAll
    static void start() throws Exception {
        gpus = EmulatedGpus.options(folder);
        Distribution.whole(folder.resolve("dist"));
        Path fake = Files.createDirectory(folder.resolve("bin")).resolve("nvidia-smi");
        Files.writeString(fake, "#!/bin/sh\nprintf '0, GPU-656d756c-0\\n1, GPU-656d756c-1\\n'\n");
        Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            ENVIRONMENT.put("SEQPE_MASTER_PORT", String.valueOf(socket.getLocalPort()));
        }
        ENVIRONMENT.putAll(Map.of(
                "PATH",
                fake.getParent() + ":" + System.getenv("PATH"),
                "JAVA_HOME",
                System.getProperty("java.home"),
                "SEQPE_DIST",
                folder.resolve("dist").toString(),
                "SEQPE_CLUSTER",
                folder.resolve("cluster").toString(),
                "SEQPE_GPUS",
                "2",
                "SEQPE_WORKER_MEMORY",
                "1g"));
        Map<String, String> two = new HashMap<>(ENVIRONMENT);
        two.put("SEQPE_WORKERS", "2");
        assertThat(script(2, two, "start.sh")).contains("each worker would hand out the same GPUs");
        Map<String, String> hidden = new HashMap<>(ENVIRONMENT);
        hidden.put("CUDA_VISIBLE_DEVICES", "7");
        assertThat(script(2, hidden, "start.sh")).contains("Cannot find GPUs", "CUDA_VISIBLE_DEVICES=7 shows none");
        // Processes take long to start, so they do it at the same time.
        Path log = folder.resolve("start.log");
        try (CommandProcess start = CommandProcess.script(log, ENVIRONMENT, path("start.sh"))) {
            configuration = TinyExperiment.prepared(folder);
            start.done();
        }
        assertThat(Files.readString(log)).contains("with 1 workers here of 2 cores and 1g and 2 GPUs");
    }

    private static String path(String name) {
        return Distribution.DEPLOY.resolve("standalone").resolve(name).toString();
    }

    @AfterAll
    static void stop() throws Exception {
        script(0, ENVIRONMENT, "stop.sh");
    }

    private static String script(int status, Map<String, String> environment, String name, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(path(name)));
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile(folder, "script", ".log");
        try (CommandProcess process = CommandProcess.script(log, environment, command.toArray(String[]::new))) {
            int ended = process.end();
            String said = Files.readString(log);
            assertThat(ended).as(said).isEqualTo(status);
            return said;
        }
    }

    /** Trains on the worker; the driver is a process without a GPU, or with the options of one that has some. */
    private static RunFolder trained(String name, String kind, String driverOptions)
            throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(ENVIRONMENT);
        environment.put("SEQPE_JAVA_OPTS", "-Xmx512m -XX:TieredStopAtLevel=1 " + driverOptions);
        // Spark properties with spaces belong in a file.
        Path properties = Files.writeString(
                folder.resolve("spark.conf"),
                "spark.executor.memory 512m\nspark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 "
                        + String.join(" ", gpus) + "\n");
        RunFolder run = new RunFolder(folder.resolve(name).toString());
        String[] train = TinyExperiment.train(
                configuration,
                run.path(),
                STEPS,
                "--set",
                "device.kind=" + kind,
                "--spark-file",
                properties.toString());
        assertThat(script(0, environment, "submit.sh", train)).contains("Trained " + STEPS + " steps");
        return run;
    }

    private static CommandProcess embedded(RunFolder run) throws IOException {
        List<String> command = new ArrayList<>(CommandProcess.command(TinyExperiment.train(
                configuration, run.path(), STEPS, "--set", "device.kind=cuda", "--master", "local[1]")));
        command.addAll(1, gpus);
        return CommandProcess.script(folder.resolve("embedded.log"), Map.of(), command.toArray(String[]::new));
    }

    @Test
    void eachReplicaHasItsOwnGpuAndTheBitsAreThoseOfAnEmbeddedRun() throws Exception {
        RunFolder local = new RunFolder(folder.resolve("embedded").toString());
        RunFolder run;
        try (CommandProcess embedded = embedded(local)) {
            run = trained("gpus", "cuda", String.join(" ", gpus));
            embedded.done();
        }
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
        assertThat(run.info().machine().device()).isEqualTo("cuda");
        requireOneGpuEach(run);

        RunFolder fromAfar = trained("driver-without", "auto", "");
        assertThat(TinyExperiment.arrays(fromAfar)).isEqualTo(TinyExperiment.arrays(local));
        assertThat(fromAfar.info().machine().device()).isNotEqualTo("cuda");
        requireOneGpuEach(fromAfar);
    }

    private static void requireOneGpuEach(RunFolder run) {
        assertThat(run.metrics().lines()).hasSize(2).allSatisfy(line -> assertThat(List.of(
                        line.get("devices").get(0).asText(),
                        line.get("devices").get(1).asText()))
                .containsExactlyInAnyOrder("0", "1"));
        assertThat(folder.resolve("cluster/work1")).isNotEmptyDirectory();
    }
}
