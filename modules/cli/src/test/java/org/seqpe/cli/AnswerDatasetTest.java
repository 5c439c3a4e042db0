package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of questions through the command line: prepare, inspect, and what refuses them. */
class AnswerDatasetTest {
    @TempDir
    private Path folder;

    private CapturedOutput output;
    private String data;

    @BeforeEach
    void capture() {
        output = new CapturedOutput();
        data = folder.resolve("data").toString();
    }

    @AfterEach
    void restore() {
        output.close();
    }

    private int prepare(Path input, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "prepare",
                "--input",
                input.toString(),
                "--output",
                data,
                "--master",
                "local[2]",
                "--tokenizer",
                "bytes"));
        arguments.addAll(List.of(more));
        return Seqpe.run(arguments.toArray(String[]::new));
    }

    private Path lines() throws IOException {
        Path lines = Files.createDirectory(folder.resolve("ruler"));
        Files.writeString(
                lines.resolve("validation_64.jsonl"),
                "{\"index\":3,\"input\":\"Ships kept away. Who?\",\"outputs\":[\"ships\",\"Ships\"]}\n"
                        + "{\"index\":4,\"input\":3,\"outputs\":[\"ships\"]}\n");
        return lines;
    }

    @Test
    void questionsAreFoundAndShown() throws IOException {
        Path lines = lines();
        assertThat(prepare(lines)).isEqualTo(2);
        assertThat(output.complained())
                .contains("line 2 of ", "expected a text in the field 'input', found 3", "--skip-invalid");
        assertThat(prepare(lines, "--skip-invalid")).isZero();
        assertThat(output.printed())
                .contains("1 files")
                .containsPattern("validation +all +1 +21 +6 +2 +27, 1 skipped: missing or mistyped field")
                .containsPattern(" +64 +1\n");
        assertThat(Seqpe.run("inspect", data, "--verify")).isZero();
        assertThat(output.printed())
                .contains(
                        "corpus       ruler (answers-jsonl, 1 files",
                        "made with    nothing: questions as they came",
                        "validation, example 0: length 64, 21 tokens of prompt, 6 of answer, depth unknown",
                        "  | Ships kept away. Who?",
                        "  --> ships",
                        "  right: ships | Ships",
                        "every file is as the manifest says");
    }

    @Test
    void needlesAreHiddenInATextAndShown() throws IOException {
        Path text = folder.resolve("story.txt");
        Files.writeString(text, "Ships kept away from the reef. The keeper wrote a diary about it.\n".repeat(300));
        assertThat(prepare(
                        text,
                        "--corpus",
                        "needles",
                        "--needles",
                        "multi-key",
                        "--needle-count",
                        "2",
                        "--pad-to",
                        "400,900",
                        "--examples",
                        "5,4,0",
                        "--ratios",
                        "0.6,0.4,0"))
                .isZero();
        assertThat(output.printed())
                .containsPattern("train +all +5 ")
                .containsPattern(" +400 +5\n")
                .containsPattern("validation +all +8 ")
                .containsPattern(" +900 +4\n");
        assertThat(Seqpe.run("inspect", data)).isZero();
        assertThat(output.printed())
                .contains(
                        "made with    needle-count 2; needles multi-key; pad-to 400,900; seed 1; text text; train-pad-to 400",
                        "[...]");
    }

    @Test
    void optionsThatSayNothingAreRefused() throws IOException {
        Path lines = lines();
        assertThat(prepare(lines, "--skip-invalid", "--pad-to", "512")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --pad-to: the input is answers-jsonl");
        assertThat(prepare(lines, "--skip-invalid", "--separator", "none")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --separator");
        assertThat(prepare(lines, "--skip-invalid", "--resize", "32")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --resize");
        Path text = folder.resolve("story.txt");
        Files.writeString(text, "Ships kept away from the reef.\n\n".repeat(300));
        assertThat(prepare(text, "--examples", "1,1,1")).isEqualTo(2);
        assertThat(output.complained()).contains("Cannot use --examples: the input is text");
        assertThat(prepare(text, "--corpus", "needles")).isEqualTo(2);
        assertThat(output.complained()).contains("expected the lengths of the examples in tokens");
        assertThat(prepare(text, "--corpus", "needles", "--pad-to", "512", "--needles", "double"))
                .isEqualTo(2);
        assertThat(output.complained()).contains("expected one of single, multi-key, multi-value");
    }
}
