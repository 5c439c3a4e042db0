package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.VectorFile;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.task.Tasks;

/** Sweeps of run folders whose models have their starting parameters: predictions are uniform within a few percent. */
class SweepCommandTest {
    private static final int VOCABULARY = 256;

    @TempDir
    static Path shared;

    private static String data;

    @TempDir
    Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        Path text = Files.writeString(shared.resolve("text.txt"), "one two three\n\n".repeat(500));
        data = shared.resolve("data").toString();
        assertThat(Seqpe.run(
                        "prepare",
                        "--input",
                        text.toString(),
                        "--output",
                        data,
                        "--tokenizer",
                        "bytes",
                        "--ratios",
                        "0.6,0.2,0.2",
                        "--master",
                        "local[1]"))
                .isZero();
    }

    private RunFolder run(String name, String encoding, String dataHash) {
        return run(name, encoding, dataHash, 1);
    }

    private RunFolder run(String name, String encoding, String dataHash, long seed) {
        RunConfig config = ConfigReader.defaults(List.of(
                "name=" + folder.resolve(name).getFileName(),
                "seed=" + seed,
                "data.path=" + data,
                "model.width=16",
                "model.layers=1",
                "model.heads=2",
                "model.position.encoding=" + encoding,
                "model.position.max-position=1000",
                "train.length=32",
                "objective.transfer.offsets=8",
                "evaluation.lengths=[32, 64]",
                "evaluation.stride=16",
                "evaluation.batch-tokens=256"));
        RunFolder run = new RunFolder(folder.resolve(name).toString());
        run.begin(config, RunInfo.now(name, "cpu", dataHash, 4));
        try (Device device = Devices.create(config.device().kind(), 1)) {
            ParameterLayout layout = ModelLayout.of(Tasks.spec(config.model().withVocabulary(VOCABULARY), 32));
            Parameters parameters = Parameters.allocate(layout, device);
            parameters.initialize(seed);
            float[] values = parameters.values().toArray();
            run.checkpoints()
                    .write(
                            0,
                            Map.of(),
                            Map.of(
                                    Checkpoints.MODEL,
                                    out -> VectorFile.write(
                                            out,
                                            layout.arrays(),
                                            (offset, count, target) ->
                                                    System.arraycopy(values, (int) offset, target, 0, count))));
        }
        return run;
    }

    @Test
    void runsAreMeasuredTogetherAndAlone() throws IOException {
        String hash = TokenDataset.open(data).hash();
        RunFolder seqpe = run("seqpe", "seqpe", hash);
        RunFolder rope = run("rope", "rope", hash);
        Path together = folder.resolve("together");
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(
                            "sweep",
                            seqpe.path(),
                            rope.path(),
                            "--lengths",
                            "32,1001",
                            "--output",
                            together.toString()))
                    .as(output::complained)
                    .isZero();
            assertThat(output.printed()).contains("seqpe", "rope", "1001");
            List<String> rows = Files.readAllLines(together.resolve("sweep.csv"));
            assertThat(rows).hasSize(1 + 2 * 2 * 2);
            assertThat(rows)
                    .filteredOn(row -> row.startsWith("seqpe,seqpe,non-overlapping,1001"))
                    .singleElement()
                    .asString()
                    .contains("refused");
            String perplexity =
                    rows.get(1).split(",")[List.of(rows.get(0).split(",")).indexOf("perplexity")];
            assertThat(Double.parseDouble(perplexity)).isBetween(0.9 * VOCABULARY, 1.1 * VOCABULARY);
            assertThat(together.resolve("report.html")).exists();

            assertThat(Seqpe.run(
                            "sweep",
                            seqpe.path(),
                            "--set",
                            "evaluation.protocols=[sliding]",
                            "--set",
                            "device.threads=1"))
                    .as(output::complained)
                    .isZero();
            assertThat(Files.readAllLines(folder.resolve("seqpe/sweep.csv"))).hasSize(3);
            assertThat(Seqpe.run(
                            "report",
                            seqpe.path(),
                            rope.path(),
                            "--output",
                            folder.resolve("report.html").toString()))
                    .as(output::complained)
                    .isZero();
        }
    }

    @Test
    void executorsGiveTheSameNumbers() throws IOException {
        RunFolder run = run("seqpe", "seqpe", TokenDataset.open(data).hash());
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(
                            "sweep",
                            run.path(),
                            "--output",
                            folder.resolve("here").toString()))
                    .as(output::complained)
                    .isZero();
            assertThat(Seqpe.run(
                            "sweep",
                            run.path(),
                            "--cluster",
                            "--master",
                            "local[2]",
                            "--output",
                            folder.resolve("there").toString()))
                    .as(output::complained)
                    .isZero();
            assertThat(measured(folder.resolve("there/sweep.csv")))
                    .hasSize(1 + 2 * 2)
                    .isEqualTo(measured(folder.resolve("here/sweep.csv")));
            assertThat(Seqpe.run("sweep", run.path(), "--master", "local[2]")).isEqualTo(2);
            assertThat(output.complained()).contains("--cluster");
        }
    }

    /** Rows without the columns that depend on speed and memory. */
    private static List<String> measured(Path csv) throws IOException {
        List<String> columns = List.of(Files.readAllLines(csv).get(0).split(","));
        return Files.readAllLines(csv).stream()
                .map(row -> List.of(row.split(",", -1))
                        .subList(0, columns.indexOf("tokens_per_second"))
                        .toString())
                .toList();
    }

    @Test
    void runsOfOneNameAreToldApartByTheirFolders() throws IOException {
        String hash = TokenDataset.open(data).hash();
        RunFolder one = run("one/rope", "rope", hash);
        RunFolder two = run("two/rope", "rope", hash);
        Path page = folder.resolve("both.html");
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(
                            "sweep",
                            one.path(),
                            two.path(),
                            "--lengths",
                            "32",
                            "--set",
                            "evaluation.protocols=[sliding]"))
                    .as(output::complained)
                    .isZero();
            assertThat(output.printed()).contains(one.path() + " ", two.path() + " ");
            assertThat(Files.readAllLines(folder.resolve("one/rope/sweep.csv")))
                    .hasSize(2)
                    .element(1)
                    .asString()
                    .startsWith("rope,");
        }
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run("report", one.path(), two.path(), "--output", page.toString()))
                    .as(output::complained)
                    .isZero();
            assertThat(output.printed()).contains(one.path() + " ", two.path() + " ");
            assertThat(Files.readString(page))
                    .contains(one.path(), two.path())
                    .contains(one.path() + ", " + two.path());
        }
    }

    @Test
    void runsThatDifferInTheirSeedAreOneLine() throws IOException {
        String hash = TokenDataset.open(data).hash();
        List<RunFolder> runs = List.of(
                run("rope-1", "rope", hash, 1),
                run("none-seed1", "none", hash, 1),
                run("rope-2", "rope", hash, 2),
                run("none-seed2", "none", hash, 2),
                run("alibi", "alibi", hash, 1));
        Path together = folder.resolve("grouped");
        List<String> arguments = new ArrayList<>(List.of("sweep"));
        runs.forEach(run -> arguments.add(run.path()));
        arguments.addAll(List.of("--group", "--lengths", "32"));
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(arguments.toArray(String[]::new))).isEqualTo(2);
            assertThat(output.complained()).contains("expected --group with --output");
        }
        arguments.addAll(List.of("--output", together.toString()));
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(arguments.toArray(String[]::new)))
                    .as(output::complained)
                    .isZero();
            String means = output.printed().split("All measurements")[0];
            assertThat(means.lines().map(line -> line.split(" ")[0]))
                    .contains("rope", "none", "alibi")
                    .doesNotContain("rope-1", "none-seed2");
        }
        assertThat(new RunFolder(together.toString()).sweepJson())
                .satisfies(path -> assertThat(Path.of(path)).content().contains("rope-1", "none-seed2"));
        assertThat(together.resolve("report.html")).content().contains("differ in their seed alone");
    }

    @Test
    void whatCannotBeMeasuredIsRefusedBeforehand() {
        String hash = TokenDataset.open(data).hash();
        RunFolder run = run("seqpe", "seqpe", hash);
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run("sweep", run.path(), "--set", "evaluation.split=dev"))
                    .isEqualTo(2);
            assertThat(output.complained()).contains("dev", "validation");
            assertThat(Seqpe.run("sweep", folder.resolve("none").toString())).isEqualTo(2);
            assertThat(output.complained()).contains("as a run folder");
            RunFolder other = run("other", "seqpe", "0".repeat(64));
            assertThat(Seqpe.run("sweep", other.path())).isEqualTo(2);
            assertThat(output.complained()).contains("sha256");
        }
    }
}
