package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.run.RunFolder;

/** The scripts of deploy/standalone and deploy/cron, run as somebody runs them. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no POSIX shell")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(300)
class StandaloneScriptsTest {
    /** Two rounds. */
    private static final int STEPS = 2 * TinyExperiment.STEPS_PER_ROUND;

    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    private static Path folder;

    private static String configuration;
    private static RunFolder local;
    /** The machine of the master, with a worker; and another one, as far as one machine can be two. */
    private static final Map<String, String> FIRST = new HashMap<>();

    private static final Map<String, String> SECOND = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        configuration = TinyExperiment.prepared(folder);
        local = TinyExperiment.trained(configuration, folder.resolve("local"), STEPS);

        Distribution.whole(folder.resolve("dist"));
        FIRST.putAll(Map.of(
                "JAVA_HOME",
                System.getProperty("java.home"),
                "SEQPE_DIST",
                folder.resolve("dist").toString(),
                "SEQPE_CLUSTER",
                folder.resolve("first").toString(),
                "SEQPE_MASTER_PORT",
                freePort(),
                "SEQPE_WORKERS",
                "1",
                "SEQPE_WORKER_MEMORY",
                "1g",
                "SEQPE_JAVA_OPTS",
                "-Xmx512m -XX:TieredStopAtLevel=1"));
        SECOND.putAll(FIRST);
        SECOND.putAll(Map.of(
                "SEQPE_CLUSTER",
                folder.resolve("second").toString(),
                "SEQPE_MASTER",
                "spark://127.0.0.1:" + FIRST.get("SEQPE_MASTER_PORT")));
        assertThat(script(0, FIRST, "standalone/start.sh")).contains(SECOND.get("SEQPE_MASTER") + " with 1 workers");
        Path secret = folder.resolve("first/secret");
        assertThat(script(2, SECOND, "standalone/start.sh"))
                .contains("Cannot use the cluster: expected its secret in", "copy the file");
        assertThat(Files.getPosixFilePermissions(secret)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Files.copy(secret, folder.resolve("second/secret"), StandardCopyOption.COPY_ATTRIBUTES);
        script(0, SECOND, "standalone/start.sh");
    }

    @AfterAll
    static void stop() throws Exception {
        script(0, SECOND, "standalone/stop.sh");
        script(0, FIRST, "standalone/stop.sh");
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return String.valueOf(socket.getLocalPort());
        }
    }

    /** Runs a script to its end and returns what it said. */
    private static String script(int status, Map<String, String> environment, String name, String... arguments)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "script", ".log");
        try (CommandProcess process = start(log, environment, name, arguments)) {
            int ended = process.end();
            String said = Files.readString(log);
            assertThat(ended).as(said).isEqualTo(status);
            return said;
        }
    }

    private static CommandProcess start(Path log, Map<String, String> environment, String name, String... arguments)
            throws IOException {
        List<String> command =
                new ArrayList<>(List.of(Distribution.DEPLOY.resolve(name).toString()));
        command.addAll(List.of(arguments));
        return CommandProcess.script(log, environment, command.toArray(String[]::new));
    }

    private static List<ProcessHandle> processes(Map<String, String> environment) throws IOException {
        return Files.readAllLines(Path.of(environment.get("SEQPE_CLUSTER"), "pids")).stream()
                .map(line ->
                        ProcessHandle.of(Long.parseLong(line.split(" ")[0])).orElseThrow())
                .toList();
    }

    @Test
    @Order(1)
    void aTrainingOnTheWorkersOfTwoMachinesHasTheBitsOfAnEmbeddedOne() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("run").toString());
        List<String> arguments = new ArrayList<>(List.of(
                "--conf",
                "spark.executor.memory=512m",
                "--conf",
                "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1"));
        arguments.addAll(List.of(TinyExperiment.train(configuration, run.path(), STEPS)));
        assertThat(script(0, SECOND, "standalone/submit.sh", arguments.toArray(String[]::new)))
                .contains("Trained " + STEPS + " steps");
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));
        for (Map<String, String> machine : List.of(FIRST, SECOND)) {
            assertThat(Path.of(machine.get("SEQPE_CLUSTER"), "work1"))
                    .as("its worker had an executor")
                    .isNotEmptyDirectory();
        }
    }

    @Test
    @Order(2)
    void whatCannotBeDoneHasStatus2AndSaysWhy() throws Exception {
        assertThat(script(
                        2,
                        FIRST,
                        "standalone/submit.sh",
                        TinyExperiment.train(
                                folder.resolve("none.conf").toString(),
                                folder.resolve("none").toString(),
                                STEPS)))
                .contains("Cannot", "none.conf");
        assertThat(script(2, FIRST, "standalone/submit.sh")).contains("Cannot submit: expected a seqpe command");
        assertThat(script(2, FIRST, "standalone/submit.sh", "--conf", "spark.app.name=a b", "train"))
                .contains("Cannot pass spark.app.name=a b");
        assertThat(script(2, FIRST, "standalone/start.sh")).contains("run stop.sh first");
    }

    /** Neither a client without the secret nor one with another, nor one who talks nonsense, gets in or does harm. */
    @Test
    @Order(3)
    void whoHasNotTheSecretDoesNotGetIn() throws Exception {
        String master = SECOND.get("SEQPE_MASTER");
        String[] train =
                TinyExperiment.train(configuration, folder.resolve("stranger").toString(), STEPS, "--master", master);
        long start = System.nanoTime();
        // This JVM's environment names no secret.
        Outcome without = Outcome.of(train);
        assertThat(without.status()).as(without.complained()).isEqualTo(2);
        assertThat(without.complained())
                .contains(
                        "Cannot use the Spark master " + master,
                        "Expected the secret that it was started with, found none",
                        "SEQPE_SECRET_FILE")
                .doesNotContain("\tat ");
        Path other = Files.createFile(
                folder.resolve("other-secret"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(other, "0123456789abcdef0123456789abcdef");
        Map<String, String> stranger = new HashMap<>(FIRST);
        stranger.put("SEQPE_SECRET_FILE", other.toString());
        assertThat(script(
                        2,
                        stranger,
                        "standalone/submit.sh",
                        TinyExperiment.train(
                                configuration, folder.resolve("stranger").toString(), STEPS)))
                .contains("it did not accept this program", "found another one")
                .doesNotContain("\tat ");
        assertThat(System.nanoTime() - start)
                .as("nobody waits for a minute")
                .isLessThan(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(script(2, stranger, "standalone/submit.sh", train)).contains("other users can read or write it");
        assertThat(folder.resolve("stranger")).doesNotExist();

        for (byte[] nonsense :
                List.of("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[1 << 16], new byte[] {
                    -1, -1, -1, -1, -1, -1, -1, -1
                })) {
            try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(FIRST.get("SEQPE_MASTER_PORT")))) {
                socket.getOutputStream().write(nonsense);
            }
        }
        // The clusters' own programs are let in as before.
        assertThat(script(
                        0,
                        FIRST,
                        "standalone/submit.sh",
                        TinyExperiment.train(
                                configuration, folder.resolve("friend").toString(), STEPS)))
                .contains("Trained " + STEPS + " steps");
    }

    /** Command lines and the environments of other users' processes, logs and web pages do not tell it. */
    @Test
    @Order(4)
    void theSecretIsNotShown() throws Exception {
        String secret = Files.readString(folder.resolve("first/secret"));
        assertThat(secret).matches("[0-9a-f]{64}");
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .toList())
                .noneMatch(line -> line.contains(secret));
        List<Path> files = Stream.of("first", "second", "run", "friend")
                .flatMap(name -> walk(folder.resolve(name)).stream())
                .filter(Files::isRegularFile)
                .filter(file -> !file.toString().endsWith(".jar"))
                .toList();
        for (Path file : files) {
            if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(secret)) {
                assertThat(Files.getPosixFilePermissions(file))
                        .as(file.toString())
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
                assertThat(file.getFileName().toString()).isIn("secret", "daemons.conf");
            }
        }
    }

    private static List<Path> walk(Path start) {
        try (Stream<Path> found = Files.walk(start)) {
            return found.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(5)
    void aPortThatIsTakenIsSaidAndTheClusterThatHasItStays() throws Exception {
        Map<String, String> third = new HashMap<>(FIRST);
        third.put("SEQPE_CLUSTER", folder.resolve("third").toString());
        assertThat(script(2, third, "standalone/start.sh"))
                .contains("Cannot start the cluster: master", "Address already in use");
        assertThat(folder.resolve("third/pids")).doesNotExist();
        assertThat(processes(FIRST)).allMatch(ProcessHandle::isAlive);
    }

    @Test
    @Order(6)
    void slicesGoOnOneAfterAnotherUntilNothingIsLeft() throws Exception {
        RunFolder run = new RunFolder(folder.resolve("sliced").toString());
        Path log = folder.resolve("slices.log");
        Map<String, String> cron = new HashMap<>(FIRST);
        cron.putAll(Map.of(
                "SEQPE", Distribution.DEPLOY.resolve("standalone/submit.sh").toString(), "SEQPE_LOG", log.toString()));
        String[] slice = {
            run.path(),
            "--conf",
            configuration,
            "--set",
            "train.steps=" + STEPS,
            "--max-runtime",
            "1ms",
            "--master",
            "local[1]"
        };
        try (CommandProcess first = start(folder.resolve("first.mail"), cron, "cron/train-slice.sh", slice)) {
            first.await(
                    "it is at work",
                    () -> Files.exists(log) && Files.readString(log).contains("train --run"));
            assertThat(script(0, cron, "cron/train-slice.sh", slice)).isEmpty();
            assertThat(Files.readString(log))
                    .contains("the slice before is still at work")
                    .doesNotContain("exit status");
            first.done();
        }
        assertThat(Files.readString(log)).contains("Stopped after step " + STEPS / 2 + " of " + STEPS, "exit status 0");
        assertThat(script(0, cron, "cron/train-slice.sh", slice)).isEmpty();
        assertThat(Files.readString(log)).contains("Trained " + STEPS + " steps");
        assertThat(script(0, cron, "cron/train-slice.sh", slice)).isEmpty();
        assertThat(Files.readString(log)).contains("nothing was left to do");
        assertThat(TinyExperiment.arrays(run)).isEqualTo(TinyExperiment.arrays(local));

        slice[2] = folder.resolve("none.conf").toString();
        assertThat(script(2, cron, "cron/train-slice.sh", slice))
                .as("what cron mails")
                .contains("ended with status 2", "none.conf");
    }

    @Test
    @Order(7)
    void stoppingLeavesNoProcessBehind() throws Exception {
        Path log = folder.resolve("interrupted.log");
        Path run = folder.resolve("interrupted");
        // Rounds of hours, so that there are executors at work.
        try (CommandProcess training = start(
                log,
                FIRST,
                "standalone/submit.sh",
                TinyExperiment.train(
                        configuration, run.toString(), 1_000_000, "--set", "train.steps-per-round=1000000"))) {
            training.await(
                    "the first checkpoint is there", () -> Files.exists(run.resolve("checkpoints/step-00000000")));
            List<ProcessHandle> all = new ArrayList<>();
            for (Map<String, String> machine : List.of(FIRST, SECOND)) {
                for (ProcessHandle process : processes(machine)) {
                    all.add(process);
                    process.descendants().forEach(all::add);
                }
            }
            assertThat(all).as("a master, two workers, two executors").hasSize(5);
            training.kill();
            assertThat(script(0, SECOND, "standalone/stop.sh")).contains("Stopped.");
            assertThat(script(0, FIRST, "standalone/stop.sh")).contains("Stopped.");
            for (ProcessHandle process : all) {
                // What has ended may wait for init to ask for its status.
                process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
        assertThat(script(0, FIRST, "standalone/stop.sh")).contains("No cluster of");
    }
}
