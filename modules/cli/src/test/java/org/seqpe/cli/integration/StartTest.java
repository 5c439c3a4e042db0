package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What machines lack: room for the output, temporary folders, a name for the user, one for the host, a network. Each
 * command is a process of its own.
 */
class StartTest {
    private static final String PREPARE =
            "$SEQPE prepare --input text.txt --tokenizer bytes --ratios 0.8,0.1,0.1 --master 'local[1]' --output ";

    @TempDir
    private Path folder;

    private Path log;
    private String said;

    @BeforeEach
    void text() throws IOException {
        log = folder.resolve("log");
        Files.writeString(folder.resolve("text.txt"), TinyExperiment.text());
    }

    /**
     * Runs a shell script in the folder, in which $SEQPE stands for the program, and returns its exit status. What it
     * says is in {@link #said}.
     *
     * @param environment more than this process has
     */
    private int run(Map<String, String> environment, String script) throws IOException, InterruptedException {
        String program = quoted(CommandProcess.command());
        try (CommandProcess process = CommandProcess.script(
                log, environment, "sh", "-c", "cd '" + folder + "'\n" + script.replace("$SEQPE", program))) {
            int status = process.end();
            said = Files.readString(log);
            assertThat(said).doesNotContain("\tat ");
            return status;
        }
    }

    private static String quoted(List<String> arguments) {
        return arguments.stream()
                .map(argument -> "'" + argument.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    private void requireMade(String dataset) {
        assertThat(folder.resolve(dataset).resolve("manifest.json")).as(said).exists();
    }

    /** Whether the tests may do what these programs do, root's business mostly. */
    private static void assumePossible(String... command) throws InterruptedException {
        int status;
        try {
            status = new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            status = -1;
        }
        assumeTrue(status == 0, () -> "Cannot run here: " + String.join(" ", command));
    }

    @Test
    void outputThatCannotBePrinted() throws Exception {
        assertThat(run(Map.of(), "$SEQPE --help > /dev/full")).as(said).isEqualTo(1);
        assertThat(said).contains("Cannot print the results to standard output", "No space left on device");
        assertThat(run(Map.of(), "{ sleep 1; $SEQPE --help; echo \"status $?\" >&2; } | true"))
                .isZero();
        assertThat(said).contains("status 141").doesNotContain("Cannot", "Failed");
    }

    @Test
    void temporaryFolders() throws Exception {
        assertThat(run(Map.of("TMPDIR", "/nowhere"), PREPARE + "data")).as(said).isZero();
        assertThat(said).contains("Temporary files go to ", "/nowhere is not there");
        requireMade("data");

        assumePossible("unshare", "--mount", "mount", "-t", "tmpfs", "-o", "noexec", "none", "/mnt");
        Files.createDirectory(folder.resolve("tmp"));
        String mounted =
                "unshare --mount sh -c \"mount -t tmpfs -o OPTIONS none tmp && exec \\\"\\$@\\\"\" sh $SEQPE inspect data";
        for (Map.Entry<String, String> flaw : Map.of(
                        "noexec", "noexec", "ro", "Read-only file system", "size=8k", "No space left on device")
                .entrySet()) {
            assertThat(run(
                            Map.of("TMPDIR", folder.resolve("tmp").toString()),
                            mounted.replace("OPTIONS", flaw.getKey())))
                    .as(said)
                    .isZero();
            assertThat(said)
                    .contains(
                            "Temporary files go to ",
                            folder.resolve("tmp").toString(),
                            flaw.getValue(),
                            "Dataset: data");
        }
    }

    @Test
    void aUserWithoutANameAndAHome() throws Exception {
        // The files stay this user's; only the number that the process sees is another one.
        assumePossible("unshare", "--user", "--map-user=54321", "true");
        assertThat(run(
                        Map.of(),
                        "exec env -u HOME unshare --user --map-user=54321 --map-group=54321 " + PREPARE + "data"))
                .as(said)
                .isZero();
        requireMade("data");
        assertThat(Files.exists(folder.resolve("?")))
                .as("No folder for a home that is unknown")
                .isFalse();
    }

    /** Spark itself ends the process with statuses of its own, some without a word. */
    @Test
    void settingsThatSparkCannotStartWith() throws Exception {
        assertThat(run(Map.of(), PREPARE + "data --spark spark.local.dir=/dev/null/x"))
                .as(said)
                .isEqualTo(2);
        assertThat(said)
                .contains("spark.local.dir", "/dev/null/x cannot be made")
                .doesNotContain("ERROR");
        assertThat(run(Map.of(), PREPARE + "data --spark spark.memory.fraction=7"))
                .as(said)
                .isEqualTo(2);
        assertThat(said).contains("Cannot start Spark", "spark.memory.fraction").doesNotContain("ERROR");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    /** An installation from which a jar is missing. */
    @Test
    void missingLibraries() throws Exception {
        for (String missing : List.of("spark-core_", "hadoop-client-api-")) {
            String without = CommandProcess.command().stream()
                    .filter(option -> option.contains(missing))
                    .findFirst()
                    .orElseThrow();
            String kept = Stream.of(without.split(":"))
                    .filter(jar -> !jar.contains(missing))
                    .collect(Collectors.joining(":"));
            List<String> program = CommandProcess.command().stream()
                    .map(option -> option.equals(without) ? kept : option)
                    .toList();
            assertThat(run(Map.of(), quoted(program) + " inspect text.txt"))
                    .as(missing)
                    .isEqualTo(1);
            assertThat(said).contains("Failed: ", "jars are missing");
        }
    }

    @Test
    void aHostWhoseNameHasNoAddress() throws Exception {
        assumePossible("unshare", "--uts", "hostname", "nowhere.invalid");
        assertThat(run(
                        Map.of(),
                        "unshare --uts sh -c 'hostname nowhere.invalid && exec \"$@\"' sh " + PREPARE + "data"))
                .as(said)
                .isZero();
        requireMade("data");
        assumePossible("unshare", "--net", "true");
        assertThat(run(Map.of(), "exec unshare --net " + PREPARE + "alone"))
                .as(said)
                .isZero();
        requireMade("alone");
    }
}
