package org.seqpe.cli.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.run.RunFolder;

/** What cannot be used is named, with exit status 2, and everything that was there stays as it was. */
class BadInputTest {
    private static final int STEPS = 4;

    /** A dataset (data), a run on it (run) and its configuration (tiny.conf), which every case gets a copy of. */
    @TempDir
    private static Path sound;

    @TempDir
    private Path parent;

    private Path folder;

    @BeforeAll
    static void prepareAndTrain() throws IOException {
        TinyExperiment.prepared(sound);
        Outcome.of(train(sound)).done();
    }

    @BeforeEach
    void copy() throws IOException {
        folder = parent.resolve("copy");
        try (Stream<Path> files = Files.walk(sound)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(sound.relativize(file).toString()));
            }
        }
        for (String configuration : List.of("tiny.conf", "run/config.conf")) {
            replace(configuration, sound.resolve("data").toString(), path("data"));
        }
    }

    /** The command that made the run of a folder, and would continue it. */
    private static String[] train(Path folder, String... settings) {
        return train(folder, folder.resolve("run").toString(), settings);
    }

    private static String[] train(Path folder, String run, String[] settings) {
        List<String> more = new ArrayList<>(List.of("--master", "local[1]"));
        for (String setting : settings) {
            more.addAll(List.of("--set", setting));
        }
        return TinyExperiment.train(folder.resolve("tiny.conf").toString(), run, STEPS, more.toArray(String[]::new));
    }

    /** Begins another run. */
    private String[] begin(String... settings) {
        return train(folder, path("new"), settings);
    }

    private String[] withConfiguration(String file) {
        return new String[] {"train", "--conf", path(file), "--run", path("new"), "--master", "local[1]"};
    }

    private String[] prepare(String input, String... more) {
        List<String> all = new ArrayList<>(
                List.of("prepare", "--input", path(input), "--output", path("new"), "--master", "local[1]"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Expects a command to refuse its input with messages that have these parts, and to leave the folder as it is. */
    private void refused(String[] arguments, String... parts) throws IOException {
        Map<String, String> before = contents(folder);
        Outcome outcome = Outcome.of(arguments);
        assertThat(outcome.status()).as(outcome.complained()).isEqualTo(2);
        assertThat(outcome.complained()).contains(parts).doesNotContain("\tat ");
        assertThat(contents(folder)).isEqualTo(before);
    }

    /** Hashes of all files by path, and the folders. */
    private static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                contents.put(
                        folder.relativize(file).toString(),
                        Files.isDirectory(file)
                                ? "folder"
                                : HexFormat.of()
                                        .formatHex(HadoopFiles.newSha256().digest(Files.readAllBytes(file))));
            }
        }
        return contents;
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void write(String name, String content) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), content);
    }

    private void replace(String name, String old, String now) throws IOException {
        String content = Files.readString(folder.resolve(name));
        assertThat(content).contains(old);
        Files.writeString(folder.resolve(name), content.replace(old, now));
    }

    private void truncate(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        Files.write(folder.resolve(name), Arrays.copyOf(bytes, bytes.length - 2));
    }

    private void flipBit(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve(name));
        bytes[bytes.length / 2] ^= 1;
        Files.write(folder.resolve(name), bytes);
    }

    @Test
    void corpora() throws IOException {
        refused(prepare("nowhere"), "nowhere");
        write("empty/a.txt", "");
        write("empty/b.txt", " \n\n ");
        refused(prepare("empty"), "Cannot prepare", path("empty"), "no text");
        Files.createDirectory(folder.resolve("nothing"));
        refused(prepare("nothing"), path("nothing"));
        write("wiki/wiki.train.raw", "\n = Title = \n\n text \n");
        write("wiki/wiki.test.raw", "\n = Title = \n\n text \n");
        refused(prepare("wiki"), "validation");
        Files.write(
                folder.resolve("latin1.txt"),
                "all was well until the caf\u00e9 closed\n".repeat(50).getBytes(StandardCharsets.ISO_8859_1));
        refused(prepare("latin1.txt"), "latin1.txt", "UTF-8", "byte 26", "--skip-invalid");
        Files.write(folder.resolve("cut.txt.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0});
        refused(prepare("cut.txt.gz"), "cut.txt.gz");
        write("cut.parquet", "PAR1");
        refused(prepare("cut.parquet"), "cut.parquet", "no Parquet file");
        refused(prepare("text.txt", "--tokenizer", "gpt3"), "gpt3", "gpt2");
        refused(prepare("text.txt", "--corpus", "poems"), "poems", "wikitext");
        refused(prepare("text.txt", "--ratios", "0.9,0.2,0.1"), "0.9", "0.2");
        refused(
                TinyExperiment.prepare(path("text.txt"), path("run"), "--overwrite", "--master", "local[1]"),
                path("run"),
                "no dataset");
    }

    @Test
    void configurations() throws IOException {
        write("bad.conf", "seqpe {\n  data.path = data\n  train.step = 5\n}\n");
        refused(withConfiguration("bad.conf"), "train.step", "bad.conf, line 3", "train.steps");
        write("bad.conf", "seqpe {\n  data.path = data\n  train.steps = many\n}\n");
        refused(withConfiguration("bad.conf"), "train.steps", "bad.conf, line 3", "many");
        write("bad.conf", "seqpe {\n  data.path = data\n  model {\n width = 100\n heads = 3\n }\n}\n");
        refused(withConfiguration("bad.conf"), "model.width", "model.heads", "bad.conf, line 4", "100", "3");
        write(
                "bad.conf",
                "seqpe {\n  data.path = data\n  train.length = 4096\n  model.position.max-position = 1000\n}\n");
        refused(
                withConfiguration("bad.conf"),
                "train.length",
                "4096",
                "bad.conf, line 3",
                "model.position.max-position",
                "1000");
        write("bad.conf", "seqpe {\n  data.path = data\n  train { steps = 5 \n");
        refused(withConfiguration("bad.conf"), "bad.conf");
        write("bad.conf", "include \"missing.conf\"\nseqpe.data.path = data\n");
        refused(withConfiguration("bad.conf"), path("missing.conf"));
        write("bad.conf", "seqpe.data.path = ${SEQPE_TEST_UNSET}\n");
        refused(withConfiguration("bad.conf"), "bad.conf: 1", "SEQPE_TEST_UNSET");
        refused(withConfiguration("missing.conf"), path("missing.conf"));
        refused(withConfiguration("data"), path("data"));
        refused(train(folder, "train.stepps=5"), "train.stepps", "train.steps");
        refused(train(folder, "train.batch=0"), "train.batch", "found 0");
        refused(train(folder, "train.batch"), "train.batch");
    }

    @Test
    void whatDoesNotFitTheData() throws IOException {
        refused(begin("data.path=" + path("nowhere")), path("nowhere"), "seqpe prepare");
        refused(begin("data.path=nowhere://data"), "nowhere://data", "scheme");
        refused(begin("data.train-split=dev"), "'dev'", "train", "validation");
        refused(begin("data.validation-split=dev"), "'dev'", "train", "validation");
        refused(begin("model.vocabulary=100"), "model.vocabulary", "256", "100");
        refused(begin("train.replicas=1000"), "samples", "replicas", "1000");
        refused(
                train(folder, path("text.txt"), new String[0]),
                "Cannot create the folder",
                path("text.txt"),
                "is a file");
        refused(
                train(folder, path("text.txt/run"), new String[0]),
                "Cannot create the folder",
                path("text.txt/run"),
                "is a file");
    }

    /** A run is continued with equal settings and data, or not at all. */
    @Test
    void runsThatWereBegunDifferently() throws IOException {
        refused(
                train(folder, "seed=2", "train.batch=8"),
                "Cannot continue the run in",
                path("run"),
                "seqpe.seed: 1 there, 2 now",
                "seqpe.train.batch");
        refused(train(folder, "train.steps=2"), "seqpe.train.steps: 4 there, 2 now");
        replace("data/manifest.json", "\"text.txt\"", "\"other.txt\"");
        refused(train(folder), path("run"), "manifest");
        refused(new String[] {"sweep", path("run")}, path("data"), "manifest");
    }

    static Stream<String> filesOfAShard() {
        return Stream.of("train-00000.bin", "train-00000.idx", "validation-00000.bin");
    }

    @ParameterizedTest
    @MethodSource("filesOfAShard")
    void damagedShards(String file) throws IOException {
        truncate("data/" + file);
        refused(train(folder), path("data/" + file), "expected", "found");
        refused(new String[] {"inspect", path("data"), "--verify"}, path("data/" + file), "expected", "found");
        Files.delete(folder.resolve("data/" + file));
        refused(train(folder), path("data/" + file));
    }

    @Test
    void damagedDatasets() throws IOException {
        flipBit("data/test-00000.bin");
        refused(new String[] {"inspect", path("data"), "--verify"}, path("data/test-00000.bin"), "sha256");
        truncate("data/test-00000.bin");
        refused(new String[] {"sweep", path("run")}, path("data/test-00000.bin"), "expected", "found");
        truncate("data/manifest.json");
        refused(begin(), path("data/manifest.json"));
        Files.delete(folder.resolve("data/manifest.json"));
        refused(begin(), path("data"), "manifest.json");
    }

    @Test
    void damagedMetrics() throws IOException {
        String metrics = Files.readString(folder.resolve("run/metrics.jsonl"));
        write("run/metrics.jsonl", metrics + "{\"loss\": 1}\n");
        refused(train(folder), path("run/metrics.jsonl") + " line 3", "round");
        refused(new String[] {"report", path("run")}, path("run/metrics.jsonl") + " line 3", "round");
        // A line that a crash cut off is no damage: its round is computed again.
        write("run/metrics.jsonl", metrics + "{\"round\": 3, \"st");
        Outcome.of(train(folder)).done();
        assertThat(folder.resolve("run/metrics.jsonl")).hasContent(metrics);
    }

    static Stream<String> filesOfACheckpoint() {
        return Stream.of("model.safetensors", "moments-0001.safetensors", "checkpoint.json");
    }

    @ParameterizedTest
    @MethodSource("filesOfACheckpoint")
    void damagedCheckpoints(String file) throws IOException {
        String checkpoint = "run/checkpoints/step-00000004";
        if (!file.endsWith(".json")) {
            flipBit(checkpoint + "/" + file);
            requireRefusedEverywhere(checkpoint, file);
        }
        truncate(checkpoint + "/" + file);
        requireRefusedEverywhere(checkpoint, file);
        Files.delete(folder.resolve(checkpoint + "/" + file));
        requireRefusedEverywhere(checkpoint, file);
    }

    private void requireRefusedEverywhere(String checkpoint, String file) throws IOException {
        for (String[] command :
                List.of(train(folder, "train.validate-every=1"), new String[] {"sweep", path("run")}, new String[] {
                    "inspect", path("run")
                })) {
            refused(command, path(checkpoint + "/" + file));
        }
    }

    /** The way that the message about a damaged checkpoint shows. */
    @Test
    void withoutTheDamagedCheckpointTheRunGoesOnFromTheOneBefore() throws IOException {
        List<String> before = TinyExperiment.arrays(new RunFolder(path("run")));
        HadoopFiles.delete(path("run/checkpoints/step-00000004"));
        Outcome.of("sweep", path("run")).done();
        Outcome.of(train(folder)).done();
        assertThat(Outcome.of("inspect", path("run")).done().printed()).contains("best         step 4");
        assertThat(TinyExperiment.arrays(new RunFolder(path("run")))).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "local[x]", "local[0]", "spark://host", "yarn"})
    void sparksThatAreNone(String master) throws IOException {
        for (String[] command :
                List.of(train(folder), prepare("text.txt"), new String[] {"quickstart", "--run", path("new")})) {
            List<String> elsewhere = new ArrayList<>(List.of(command));
            elsewhere.addAll(List.of("--spark", "spark.master=" + master));
            refused(
                    elsewhere.toArray(String[]::new),
                    "Cannot use the Spark master '" + master + "'",
                    "expected",
                    "local[N]",
                    "spark://HOST:PORT");
        }
    }

    @Test
    void resultsThatCannotGoWhereTheyAreWanted() throws IOException {
        for (String output : List.of("text.txt", "text.txt/results")) {
            refused(
                    new String[] {"sweep", path("run"), "--output", path(output)},
                    "Cannot write to " + path(output),
                    "expected a folder",
                    "--output");
        }
        refused(
                new String[] {"report", path("run"), "--output", path("data")},
                "Cannot write " + path("data"),
                "expected a file",
                path("data/report.html"));
        refused(
                new String[] {"report", path("run"), "--output", path("text.txt/report.html")},
                path("text.txt"),
                "expected a folder",
                "--output");
        for (String command : List.of("sweep", "report")) {
            refused(
                    new String[] {command, path("run"), path("run") + "/", "--output", path("new")},
                    "Cannot compare " + path("run"),
                    "twice");
        }
    }

    /** What a task throws is told in one paragraph: why, what is kept, how to go on. */
    @Test
    void aTrainingThatDiverges() throws IOException {
        Outcome diverged = Outcome.of(begin("optimizer.learning-rate=1e30", "train.validate-every=0"));
        assertThat(diverged.status()).isEqualTo(1);
        assertThat(diverged.complained())
                .contains(
                        "Training diverged",
                        "at step",
                        "begin another run with a lower optimizer.learning-rate",
                        "checkpoint of step 0",
                        path("new"))
                .doesNotContain("\tat ", "TaskSetManager", "Executor", "stage failure");
    }

    @Test
    void foldersThatAreNoRun() throws IOException {
        for (String command : List.of("sweep", "report")) {
            refused(new String[] {command, path("data")}, "Cannot use " + path("data") + " as a run folder");
            refused(new String[] {command, path("nowhere")}, "Cannot use " + path("nowhere") + " as a run folder");
        }
        refused(new String[] {"inspect", path("text.txt")}, "Cannot inspect " + path("text.txt"));
        refused(new String[] {"sweep", path("run"), "--set", "evaluation.split=dev"}, "'dev'", "test");
        Outcome.of(
                        "prepare",
                        "--input",
                        path("text.txt"),
                        "--output",
                        path("gpt2"),
                        "--ratios",
                        "0.8,0.1,0.1",
                        "--master",
                        "local[1]")
                .done();
        refused(
                new String[] {"sweep", path("run"), "--data", path("gpt2")},
                path("gpt2"),
                "expected tokenizer bytes, found gpt2");
        refused(new String[] {"sweep", path("run"), "--lengths", "16,1"}, "evaluation.lengths", "found 1");
        refused(new String[] {"sweep", path("run"), "--lengths", "long"}, "long");
        replace("run/config.conf", "width = 16", "width = 15");
        refused(new String[] {"sweep", path("run")}, path("run/config.conf"), "15");
        truncate("run/run.json");
        refused(new String[] {"inspect", path("run")}, path("run/run.json"));
    }
}
