package org.seqpe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerSplit;

/** The way of questions through the command line: prepare, train, sweep and generate, and what refuses them. */
class QuestionCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;

    private static String data;
    private static String run;

    @TempDir
    Path folder;

    private CapturedOutput output;

    @BeforeAll
    static void prepareAndTrain() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            text.append("The ")
                    .append(i % 31)
                    .append("th gull of the ")
                    .append(i % 7)
                    .append("th rock is awake");
            text.append(i % 4 == 0 ? ".\n\n" : ". ");
        }
        Path file = Files.writeString(shared.resolve("gulls.txt"), text);
        data = shared.resolve("data").toString();
        run = shared.resolve("run").toString();
        Path conf = Files.writeString(
                shared.resolve("gulls.conf"),
                """
                seqpe {
                  name = gulls
                  task = answers
                  data.path = "%s"
                  model { width = 16, layers = 1, heads = 2, dropout = 0 }
                  model.position { encoding = rope, max-position = 1000 }
                  optimizer { learning-rate = 1e-2, schedule.warmup-steps = 1 }
                  train { length = 220, batch = 4, steps = 6, steps-per-round = 3, replicas = 2, validate-every = 1, validation-examples = 8 }
                  evaluation { split = test, lengths = [220, 440], new-tokens = 9, batch-tokens = 1000 }
                  device.threads = 1
                }
                """
                        .formatted(data));
        try (CapturedOutput output = new CapturedOutput()) {
            assertThat(Seqpe.run(
                            "prepare",
                            "--corpus",
                            "needles",
                            "--input",
                            file.toString(),
                            "--output",
                            data,
                            "--tokenizer",
                            "bytes",
                            "--ratios",
                            "0.6,0.2,0.2",
                            "--pad-to",
                            "220,440",
                            "--examples",
                            "40,8,12",
                            "--master",
                            "local[2]"))
                    .as(output::complained)
                    .isZero();
            assertThat(Seqpe.run("train", "--conf", conf.toString(), "--run", run, "--master", "local[2]"))
                    .as(output::complained)
                    .isZero();
        }
    }

    @BeforeEach
    void capture() {
        output = new CapturedOutput();
    }

    @AfterEach
    void restore() {
        output.close();
    }

    @Test
    void theShareOfHitsIsThatOfTheGeneratedTexts() throws IOException {
        Path swept = folder.resolve("swept");
        assertThat(Seqpe.run("sweep", run, "--output", swept.toString()))
                .as(output::complained)
                .isZero();
        Map<Long, List<String>> gold = new HashMap<>();
        try (AnswerSplit split = AnswerDataset.open(data).split("test")) {
            for (long i = 0; i < split.size(); i++) {
                AnswerExample example = split.example(i);
                gold.put(example.index(), example.outputs());
            }
        }
        JsonNode rows = JSON.readTree(swept.resolve("sweep.json").toFile()).get("rows");
        assertThat(rows).hasSize(2);
        for (JsonNode row : rows) {
            assertThat(row.get("status").asText()).isEqualTo("ok");
            assertThat(row.get("questions").asInt()).isEqualTo(12);
            int hits = 0;
            double nll = 0;
            for (JsonNode answer : row.get("texts").get("answers")) {
                String found = answer.get("text").asText().toLowerCase(Locale.ROOT);
                hits += gold.get(answer.get("index").asLong()).stream().anyMatch(found::contains) ? 1 : 0;
                nll += answer.get("nll").asDouble();
            }
            assertThat(row.get("exact_match").asDouble()).isEqualTo(hits / 12.0);
            assertThat(row.get("perplexity").asDouble())
                    .isCloseTo(
                            Math.exp(nll / row.get("tokens").asInt()),
                            within(1e-9 * row.get("perplexity").asDouble()));
        }
        assertThat(Files.readString(swept.resolve("report.html")))
                .contains("Exact match in %", "Perplexity of the answers", "0 to 10 %", "90 to 100 %");
        assertThat(output.printed()).contains("exact match %", "SQuAD F1 %");
    }

    @Test
    void aPromptIsContinuedAndSeedsDecideDraws() throws IOException {
        assertThat(Seqpe.run("generate", run, "--prompt", "The 7th gull", "--tokens", "5"))
                .isZero();
        String greedy = output.printed();
        assertThat(greedy).startsWith("The 7th gull").endsWith(System.lineSeparator());

        List<String> drawn = new ArrayList<>();
        for (String seed : List.of("1", "1", "2")) {
            int before = output.printed().length();
            assertThat(Seqpe.run(
                            "generate", run, "--prompt", "The", "--tokens", "30", "--temperature", "3", "--seed", seed))
                    .isZero();
            drawn.add(output.printed().substring(before));
        }
        assertThat(drawn.get(1)).isEqualTo(drawn.get(0));
        assertThat(drawn.get(2)).isNotEqualTo(drawn.get(0));

        Path prompts = Files.writeString(
                folder.resolve("prompts.jsonl"),
                "{\"input\": \"The 7th gull\"}\n\n{\"prompt\": \"A longer text about rocks \\u00e9\", \"other\": 1}\n");
        int before = output.printed().length();
        assertThat(Seqpe.run("generate", run, "--prompts", prompts.toString(), "--tokens", "5"))
                .isZero();
        List<String> lines = output.printed().substring(before).lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode first = JSON.readTree(lines.get(0));
        assertThat(first.get("prompt").asText() + first.get("text").asText()).isEqualTo(greedy.stripTrailing());
        assertThat(JSON.readTree(lines.get(1)).get("prompt").asText()).endsWith("é");
    }

    private void refused(String message, String... arguments) {
        int before = output.complained().length();
        assertThat(Seqpe.run(arguments)).isEqualTo(2);
        assertThat(output.complained().substring(before)).contains(message);
    }

    @Test
    void whatCannotBeContinuedIsRefused() throws IOException {
        refused("expected --prompt TEXT or --prompts FILE, found neither", "generate", run);
        refused("found both", "generate", run, "--prompt", "a", "--prompts", "b");
        refused("at temperature 0 nothing is drawn", "generate", run, "--prompt", "a", "--top-k", "3");
        refused("--top-p 1.5", "generate", run, "--prompt", "a", "--temperature", "1", "--top-p", "1.5");
        refused("at least 1", "generate", run, "--prompt", "a", "--tokens", "0");
        Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"input\": \"a\"}\n{\"text\": \"b\"}\n");
        refused(" of line 2 of " + bad, "generate", run, "--prompts", bad.toString());
        Files.writeString(bad, "not json");
        refused(" of line 1 of " + bad, "generate", run, "--prompts", bad.toString());
        Files.write(bad, new byte[] {(byte) 0xff, '\n'});
        refused("expected text in UTF-8", "generate", run, "--prompts", bad.toString());
        Files.writeString(bad, "");
        refused("found none", "generate", run, "--prompts", bad.toString());
        refused(
                folder.resolve("nothing").toString(),
                "generate",
                folder.resolve("nothing").toString(),
                "--prompt",
                "a");
    }
}
