package org.seqpe.data.qa.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.prepare.Preparations;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerManifest;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.data.shard.TokenFile;
import org.seqpe.data.shard.TokenType;

/** Whole preparations of JSON Lines in RULER's form, run in this thread. */
class AnswerLinesPreparationTest {
    @TempDir
    private Path folder;

    private Path input;
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("input"));
    }

    private void write(String name, String... lines) throws IOException {
        Path file = input.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, String.join("\n", lines) + "\n");
    }

    private static String line(int index, String input, String output) {
        return "{\"index\":" + index + ",\"input\":\"" + input + "\",\"outputs\":[\"" + output + "\"]}";
    }

    private AnswerRequest.Builder request(String output) {
        return AnswerRequest.of(
                        List.of(input.toString()), folder.resolve(output).toString())
                .tokenizer("bytes");
    }

    private AnswerDataset prepare(AnswerRequest.Builder request) {
        return prepare(request, Preparations.inOrder(), TaskSizes.DEFAULT);
    }

    private AnswerDataset prepare(AnswerRequest.Builder request, TaskRunner runner, TaskSizes sizes) {
        return new AnswerPreparation(request.build(), runner, Preparations.noting(notes), "test", sizes).run();
    }

    private static List<AnswerExample> examples(AnswerDataset dataset, String name) {
        List<AnswerExample> examples = new ArrayList<>();
        try (AnswerSplit split = dataset.split(name)) {
            for (long i = 0; i < split.size(); i++) {
                examples.add(split.example(i));
            }
        }
        return examples;
    }

    private static String prompt(AnswerDataset dataset, AnswerExample example) {
        return dataset.tokenizer().decode(example.prompt());
    }

    private static String answer(AnswerDataset dataset, AnswerExample example) {
        return dataset.tokenizer().decode(example.answer());
    }

    @Test
    void aLineBecomesPromptAndAnswer() throws IOException {
        write(
                "validation.jsonl",
                "{\"index\":7,\"input\":\"Where is it? \\n\",\"outputs\":[\" on the reef \",\"the reef\"],\"length\":512,"
                        + "\"depth\":0.25,\"others\":{}}",
                "{\"input\":\"Who?\",\"outputs\":\"Ada\",\"answer_prefix\":\" It was \"}",
                "{\"input\":\"Who? It was\",\"outputs\":[\"Ada\"],\"answer_prefix\":\" It was\",\"index\":null}");
        AnswerDataset dataset = prepare(request("output"));
        List<AnswerExample> examples = examples(dataset, "validation");
        assertThat(examples).hasSize(3);
        assertThat(prompt(dataset, examples.get(0))).isEqualTo("Where is it?");
        assertThat(answer(dataset, examples.get(0))).isEqualTo(" on the reef");
        assertThat(examples.get(0).outputs()).containsExactly(" on the reef ", "the reef");
        assertThat(examples.get(0).index()).isEqualTo(7);
        assertThat(examples.get(0).length()).isEqualTo(512);
        assertThat(examples.get(0).depth()).isEqualTo(0.25);
        assertThat(prompt(dataset, examples.get(1))).isEqualTo("Who? It was");
        assertThat(answer(dataset, examples.get(1))).isEqualTo(" Ada");
        assertThat(examples.get(1).index()).as("the number of its line").isEqualTo(2);
        assertThat(examples.get(1).length())
                .as("its own tokens, for nothing declares a length")
                .isEqualTo("Who? It was Ada".length());
        assertThat(examples.get(1).depth()).isNaN();
        assertThat(prompt(dataset, examples.get(2))).isEqualTo("Who? It was");
        AnswerManifest.Split split = dataset.manifest().splits().get("validation");
        assertThat(split.counts().examples()).isEqualTo(3);
        assertThat(split.counts().outputs()).isEqualTo(4);
        assertThat(split.counts().lengths()).containsExactly(java.util.Map.entry(512, 1L));
        assertThat(split.counts().withoutLength()).isEqualTo(2);
        assertThat(split.counts().longest()).isEqualTo("Where is it? on the reef".length());
    }

    @ParameterizedTest
    @CsvSource({
        "validation_4096.jsonl, validation, 4096",
        "4096/validation.jsonl, validation, 4096",
        "niah/8192/test.jsonl, test, 8192",
        "dev-1024.jsonl, validation, 1024",
        "train-00064-of-00099.jsonl, train, 0",
        "test/part-7.jsonl, test, 0",
        "niah_1/validation.jsonl, validation, 0"
    })
    void namesTellSplitAndLength(String name, String split, int length) throws IOException {
        write(name, line(1, "a b c", "d"));
        AnswerDataset dataset = prepare(request("output"));
        assertThat(dataset.manifest().splits().keySet()).containsExactly(split);
        assertThat(examples(dataset, split).get(0).length()).isEqualTo(length == 0 ? 7 : length);
    }

    @Test
    void filesWithoutASplitAreSplitByTheirPrompts() throws IOException {
        String[] lines = new String[300];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = line(i, "Question " + i % 150, "answer");
        }
        write("questions.jsonl", lines);
        AnswerDataset dataset = prepare(request("output").ratios(new SplitRatios(0.8, 0.1, 0.1)));
        assertThat(dataset.manifest().corpus().splitRule()).isEqualTo("by content, 0.8/0.1/0.1, seed 1");
        List<String> train = examples(dataset, "train").stream()
                .map(example -> prompt(dataset, example))
                .toList();
        for (String other : List.of("validation", "test")) {
            List<String> prompts = examples(dataset, other).stream()
                    .map(example -> prompt(dataset, example))
                    .toList();
            assertThat(prompts).isNotEmpty().doesNotContainAnyElementsOf(train);
        }
        AnswerDataset again = prepare(request("again").ratios(new SplitRatios(0.8, 0.1, 0.1)));
        assertThat(again.hash()).isEqualTo(dataset.hash());
    }

    /** Many tasks, spool files, parts and shards. */
    @Test
    void theBytesDoNotDependOnWhereTasksRun() throws IOException {
        for (int file = 0; file < 5; file++) {
            String[] lines = new String[40];
            for (int i = 0; i < lines.length; i++) {
                lines[i] = line(i, "File " + file + ", question " + i + ", " + "x".repeat(i), "answer " + i);
            }
            write("train-" + file + ".jsonl", lines);
        }
        write("test.jsonl", line(0, "Another question, long enough to be compared", "yes"));
        TaskSizes small = new TaskSizes(4000, 700, 1000);
        AnswerDataset one = prepare(request("one").shardTokens(1500), Preparations.inOrder(), small);
        AnswerDataset two = prepare(request("two").shardTokens(1500), Preparations.backwards(), small);
        assertThat(Preparations.files(Path.of(two.folder()))).isEqualTo(Preparations.files(Path.of(one.folder())));
        assertThat(one.manifest().splits().get("train").shards()).hasSizeGreaterThan(3);
        one.verify();
        List<AnswerExample> train = examples(one, "train");
        assertThat(train).hasSize(200);
        for (int i = 0; i < train.size(); i++) {
            assertThat(prompt(one, train.get(i))).startsWith("File " + i / 40 + ", question " + i % 40 + ",");
            assertThat(answer(one, train.get(i))).isEqualTo(" answer " + i % 40);
        }
        try (AnswerSplit split = one.split("train")) {
            for (int i = 0; i < train.size(); i++) {
                AnswerExample example = train.get(i);
                assertThat(split.tokens(i)).isEqualTo(example.prompt().length + example.answer().length);
            }
            assertThatThrownBy(() -> split.example(200)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /** Another program finds two sequences in each document. */
    @Test
    void promptAndAnswerAreTwoSequencesOfADocument() throws IOException {
        write("train.jsonl", line(0, "ab", "c"), line(1, "def", "gh"));
        AnswerDataset dataset = prepare(request("output"));
        byte[] idx = Files.readAllBytes(Path.of(dataset.folder(), "train-00000.idx"));
        java.nio.ByteBuffer read = java.nio.ByteBuffer.wrap(idx).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        read.position(9 + 8 + 1);
        assertThat(read.getLong()).as("sequences").isEqualTo(4);
        assertThat(read.getLong()).as("entries of the document index").isEqualTo(3);
        int[] lengths = new int[4];
        for (int i = 0; i < 4; i++) {
            lengths[i] = read.getInt();
        }
        assertThat(lengths).containsExactly(2, 2, 3, 3);
        long[] offsets = new long[4];
        for (int i = 0; i < 4; i++) {
            offsets[i] = read.getLong();
        }
        assertThat(offsets).containsExactly(0, 4, 8, 14);
        assertThat(new long[] {read.getLong(), read.getLong(), read.getLong()}).containsExactly(0, 2, 4);
        assertThat(read.remaining()).isZero();
        int[] tokens = new int[10];
        try (TokenFile bin =
                TokenFile.open(Path.of(dataset.folder(), "train-00000.bin").toString(), 10, TokenType.UINT16)) {
            bin.read(0, tokens, 0, 10);
        }
        assertThat(Arrays.stream(tokens).mapToObj(Character::toString).toList())
                .containsExactly("a", "b", " ", "c", "d", "e", "f", " ", "g", "h");
        assertThat(Files.readString(Path.of(dataset.folder(), "train-00000.jsonl")))
                .isEqualTo("{\"index\":0,\"outputs\":[\"c\"],\"length\":null,\"depth\":null}\n"
                        + "{\"index\":1,\"outputs\":[\"gh\"],\"length\":null,\"depth\":null}\n");
    }

    @Test
    void compressedLinesAreRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write((line(0, "ab", "c") + "\n").getBytes(StandardCharsets.UTF_8));
        }
        Files.write(input.resolve("validation_256.jsonl.gz"), bytes.toByteArray());
        AnswerExample example =
                examples(prepare(request("output")), "validation").get(0);
        assertThat(example.length()).isEqualTo(256);
        assertThat(example.outputs()).containsExactly("c");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json | line 2 of | expected one JSON object a line | no JSON object",
                "[1] | line 2 of | expected one JSON object a line | no JSON object",
                "{\"outputs\":[\"a\"]} | line 2 of | expected a text in the field 'input', found no such field | missing or mistyped field",
                "{\"input\":3,\"outputs\":[\"a\"]} | line 2 of | expected a text in the field 'input', found 3 | missing or mistyped field",
                "{\"input\":\"a\"} | line 2 of | 'outputs', found no such field | missing or mistyped field",
                "{\"input\":\"a\",\"outputs\":[1]} | line 2 of | a text or an array of texts in the field 'outputs', found 1 | missing or mistyped field",
                "{\"input\":\"a\",\"outputs\":[]} | line 2 of | one or more answers in 'outputs', found none | empty",
                "{\"input\":\"a\",\"outputs\":[\"b\",\" \"]} | line 2 of | found an empty one | empty",
                "{\"input\":\" \",\"outputs\":[\"b\"]} | line 2 of | expected a prompt | empty",
                "{\"input\":\"a\",\"outputs\":[\"b\"],\"length\":0} | line 2 of | 'length', found 0 | missing or mistyped field",
                "{\"input\":\"a\",\"outputs\":[\"b\"],\"depth\":1.5} | line 2 of | a number from 0 to 1 in the field 'depth', found 1.5 | missing or mistyped field",
                "{\"input\":\"a\",\"outputs\":[\"b\"],\"index\":\"x\"} | line 2 of | a whole number in the field 'index' | missing or mistyped field",
                "{\"input\":\"\\ud800\",\"outputs\":[\"b\"]} | line 2 of | half a character | invalid UTF-8"
            })
    void aLineThatCannotBeUsedIsRefusedOrCounted(String bad, String place, String problem, String reason)
            throws IOException {
        write("train.jsonl", line(0, "ab", "c"), bad, line(2, "de", "f"));
        AnswerRequest.Builder request = request("output").corpus("answers-jsonl");
        assertThatThrownBy(() -> prepare(request))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(place, "train.jsonl", problem, "--skip-invalid");
        assertThat(folder.resolve("output")).doesNotExist();
        AnswerDataset dataset = prepare(request.skipInvalid(true));
        AnswerManifest.Split split = dataset.manifest().splits().get("train");
        assertThat(split.skipped()).containsExactly(java.util.Map.entry(reason, 1L));
        assertThat(split.counts().examples()).isEqualTo(2);
        assertThat(notes).anyMatch(note -> note.contains(reason) && note.contains("line 2 of"));
    }

    @Test
    void invalidUtf8IsRefusedWithItsLine() throws IOException {
        Files.write(
                input.resolve("train.jsonl"),
                "{\"input\":\"caf\u00e9\",\"outputs\":[\"a\"]}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> prepare(request("output").corpus("answers-jsonl")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("line 1 of", "train.jsonl", "expected UTF-8");
    }

    @Test
    void blankLinesAreCounted() throws IOException {
        write("train.jsonl", line(0, "ab", "c"), "", "  ");
        assertThat(prepare(request("output")).manifest().splits().get("train").skipped())
                .containsExactly(java.util.Map.entry("blank line", 2L));
    }

    @Test
    void aSplitThatIsWhollyInAnotherIsRefused() throws IOException {
        String long1 = line(0, "The same question that is asked twice, in two splits", "c");
        write("train.jsonl", long1, line(1, "A question that is only asked here, in one split", "d"));
        write("test.jsonl", long1);
        assertThatThrownBy(() -> prepare(request("output")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("found all 1 questions of the split test in the split train too");
    }

    @Test
    void someFilesWithoutASplitAreRefused() throws IOException {
        write("train.jsonl", line(0, "ab", "c"));
        write("more.jsonl", line(0, "ab", "c"));
        assertThatThrownBy(() -> prepare(request("output")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("all files or none to be named after a split", "more.jsonl");
    }

    @Test
    void aMissingSplitIsRefused() throws IOException {
        write("train.jsonl", line(0, "ab", "c"));
        assertThatThrownBy(() -> prepare(request("output").splits(List.of("train", "test"))))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("the split test is missing", "--splits");
    }

    @Test
    void aDamagedDatasetIsRefused() throws IOException {
        write("train.jsonl", line(0, "ab", "c"), line(1, "de", "f"));
        AnswerDataset dataset = prepare(request("output"));
        Path lines = Path.of(dataset.folder(), "train-00000.jsonl");
        String all = Files.readString(lines);
        Files.writeString(lines, all.replaceFirst("\\[\"c\"\\]", "\"c\"  "));
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("line 1", "train-00000.jsonl");
        Files.writeString(lines, all.replace("\"c\"", "\"x\""));
        assertThatThrownBy(dataset::verify).isInstanceOf(UserException.class).hasMessageContaining("sha256");
        Files.writeString(lines, all + all);
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train-00000.jsonl");
        Files.delete(lines);
        assertThatThrownBy(() -> dataset.split("train"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> dataset.split("test"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it has train");
        assertThatThrownBy(() -> dataset.requireHash("0")).isInstanceOf(UserException.class);
        assertThatThrownBy(() -> org.seqpe.data.text.window.TokenDataset.open(dataset.folder()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it holds answers");
    }
}
