package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;

class SeqpeTest {
    @TempDir
    Path folder;

    private final CapturedOutput output = new CapturedOutput();

    @AfterEach
    void restore() {
        output.close();
    }

    private String printed() {
        return output.printed();
    }

    private String complained() {
        return output.complained();
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart", "prepare", "train", "sweep", "report", "inspect", "doctor"})
    void everyCommandExplainsItselfWithExamples(String command) {
        assertThat(Seqpe.run(command, "--help")).as(this::complained).isZero();
        assertThat(printed()).contains("Usage: seqpe " + command, "Examples:", "seqpe " + command + " ");
    }

    @Test
    void withoutACommandTheHelpListsAll() {
        assertThat(Seqpe.run()).isZero();
        assertThat(printed()).contains("Usage: seqpe", "report", "inspect");
        assertThat(Seqpe.run("--version")).isZero();
        assertThat(printed()).contains("(commit ");
    }

    @Test
    void wrongUseIsStatusTwoWithoutAStackTrace() {
        assertThat(Seqpe.run("inspct")).isEqualTo(2);
        assertThat(complained()).contains("inspct", "inspect");
        assertThat(Seqpe.run("inspect")).isEqualTo(2);
        assertThat(complained()).contains("PATH");
        assertThat(Seqpe.run("inspect", folder.toString())).isEqualTo(2);
        assertThat(complained()).contains("Cannot inspect " + folder).doesNotContain("\tat ");
        assertThat(Seqpe.run("inspect", folder.toString(), "--verbose")).isEqualTo(2);
        assertThat(complained()).contains("\tat ");
    }

    @Test
    void prepareMakesADatasetThatInspectVerifies() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "one two three\n\n".repeat(500));
        String data = folder.resolve("data").toString();
        String[] prepare = {
            "prepare",
            "--input",
            text.toString(),
            "--output",
            data,
            "--tokenizer",
            "bytes",
            "--ratios",
            "0.8,0.1,0.1",
            "--master",
            "local[2]"
        };
        assertThat(Seqpe.run(prepare)).as(this::complained).isZero();
        assertThat(printed()).contains("train", "tokens", "Dataset: " + data);
        assertThat(Seqpe.run("inspect", data, "--verify")).isZero();
        assertThat(printed()).contains("every file is as the manifest says");

        assertThat(Seqpe.run(prepare)).isEqualTo(2);
        assertThat(complained()).contains("--overwrite");
        assertThat(Seqpe.run("prepare", "--input", folder + "/none", "--output", folder + "/x", "--master", "local[1]"))
                .isEqualTo(2);
        assertThat(complained()).contains(folder + "/none");
    }

    @Test
    void inspectAndReportShowARun() throws IOException {
        RunFolder run = new RunFolder(folder.resolve("run").toString());
        run.begin(
                ConfigReader.defaults(List.of("data.path=/data", "name=tiny")), RunInfo.now("tiny", "cpu", "ab12", 4));
        run.metrics().append(1, Map.of("step", 10, "loss", 4.5));
        run.metrics().append(2, Map.of("step", 20, "loss", 4.25));
        run.checkpoints()
                .write(
                        20,
                        Map.of("round", 2),
                        Map.of(
                                "model.safetensors",
                                stream -> Safetensors.write(
                                        stream, List.of(Safetensors.of("wte.weight", new float[6], 2, 3)), Map.of())));
        run.checkpoints().markBest(new Checkpoints.Best(20, 4.2));

        assertThat(Seqpe.run("inspect", run.path())).isZero();
        assertThat(printed())
                .contains(
                        "tiny",
                        "step 20, verified",
                        "validation loss 4.2000",
                        "model.safetensors",
                        "step 20 of 100,000, loss 4.2500",
                        "seqpe sweep " + run.path(),
                        "steps-per-round = 100");
        assertThat(Seqpe.run("inspect", run.path() + "/checkpoints/step-00000020/model.safetensors"))
                .isZero();
        assertThat(printed()).contains("wte.weight", "[2, 3]", "1 tensors, 6 float32 values");

        assertThat(Seqpe.run("report", run.path())).isZero();
        assertThat(Files.readString(folder.resolve("run/report.html"))).contains("tiny", "ab12");

        Files.delete(folder.resolve("run/checkpoints/step-00000020/model.safetensors"));
        assertThat(Seqpe.run("inspect", run.path())).isEqualTo(2);
        assertThat(complained()).contains("model.safetensors is missing");
    }
}
