package org.seqpe.data.qa.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.prepare.Preparations;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.data.qa.haystack.NeedleForm;

/** Needles hidden in texts, by whole preparations in this thread. */
class AnswerNeedlesTest {
    private static final Pattern NEEDLE = Pattern.compile("The code number of the ([a-z]+ [a-z]+) is (\\d{7})\\.");
    private static final List<Integer> LENGTHS = List.of(128, 300, 1024);

    @TempDir
    private Path folder;

    private Path input;

    /** Six texts; each sentence names its text and its number. */
    @BeforeEach
    void makeTexts() throws IOException {
        input = Files.createDirectory(folder.resolve("texts"));
        for (int text = 0; text < 6; text++) {
            StringBuilder content = new StringBuilder();
            for (int i = 0; i < 400; i++) {
                content.append("Sentence s")
                        .append(i)
                        .append(" of text t")
                        .append(text)
                        .append(" says that ships kept away.")
                        .append(i % 7 == 6 ? "\n\n" : " ");
            }
            Files.writeString(input.resolve("text" + text + ".txt"), content);
        }
    }

    private AnswerRequest.Builder request(String output, NeedleForm form, String tokenizer) {
        return AnswerRequest.of(
                        List.of(input.toString()), folder.resolve(output).toString())
                .corpus("needles")
                .tokenizer(tokenizer)
                .ratios(new SplitRatios(0.5, 0.25, 0.25))
                .options(new AnswerOptions(form, 3, LENGTHS, 0, List.of(12, 10, 7), List.of()));
    }

    private static AnswerDataset prepare(AnswerRequest.Builder request, TaskRunner runner) {
        return new AnswerPreparation(
                        request.build(),
                        runner,
                        Preparations.noting(new ArrayList<>()),
                        "test",
                        new TaskSizes(9000, 5000, 2000))
                .run();
    }

    private record Read(AnswerExample example, String prompt, String answer) {
        List<String> values() {
            List<String> values = new ArrayList<>();
            Matcher matcher = NEEDLE.matcher(prompt);
            while (matcher.find()) {
                values.add(matcher.group(2));
            }
            return values;
        }

        /** The values of the key that is asked for. */
        List<String> asked() {
            List<String> values = new ArrayList<>();
            Matcher matcher = NEEDLE.matcher(prompt);
            while (matcher.find()) {
                if (prompt.endsWith("code number of the " + matcher.group(1) + "?\nAnswer:")
                        || prompt.endsWith("code numbers of the " + matcher.group(1) + "?\nAnswer:")) {
                    values.add(matcher.group(2));
                }
            }
            return values;
        }
    }

    private static List<Read> read(AnswerDataset dataset, String name) {
        List<Read> all = new ArrayList<>();
        try (AnswerSplit split = dataset.split(name)) {
            for (long i = 0; i < split.size(); i++) {
                AnswerExample example = split.example(i);
                all.add(new Read(
                        example,
                        dataset.tokenizer().decode(example.prompt()),
                        dataset.tokenizer().decode(example.answer())));
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(NeedleForm.class)
    void whatIsAskedForIsInTheText(NeedleForm form) {
        AnswerDataset dataset = prepare(request("output", form, "gpt2"), Preparations.inOrder());
        dataset.verify();
        assertThat(dataset.manifest().splits().get("validation").counts().lengths())
                .containsExactlyEntriesOf(new java.util.TreeMap<>(java.util.Map.of(128, 10L, 300, 10L, 1024, 10L)));
        assertThat(dataset.manifest().splits().get("train").counts().lengths())
                .as("the smallest length")
                .containsExactly(java.util.Map.entry(128, 12L));
        assertThat(dataset.manifest().options())
                .containsEntry("needles", form.id())
                .containsEntry("pad-to", "128,300,1024");
        Set<Long> indexes = new HashSet<>();
        for (Read one : read(dataset, "validation")) {
            AnswerExample example = one.example();
            int tokens = example.prompt().length + example.answer().length + 1;
            assertThat(tokens).isBetween(example.length() - 20, example.length());
            assertThat(one.values()).hasSize(form == NeedleForm.SINGLE ? 1 : 3).doesNotHaveDuplicates();
            assertThat(one.asked())
                    .hasSize(form == NeedleForm.MULTI_VALUE ? 3 : 1)
                    .isEqualTo(example.outputs());
            assertThat(one.answer()).isEqualTo(" " + String.join(", ", example.outputs()));
            assertThat(indexes.add(example.index())).isTrue();
            if (form == NeedleForm.MULTI_VALUE) {
                assertThat(example.depth()).isNaN();
            } else {
                int at = one.prompt().indexOf(example.outputs().get(0));
                int end = one.prompt().indexOf("\n\nQuestion: ");
                assertThat(example.depth()).isCloseTo(at / (double) end, org.assertj.core.data.Offset.offset(0.25));
            }
        }
    }

    @Test
    void depthsAreSpreadEvenly() {
        AnswerDataset dataset = prepare(request("output", NeedleForm.SINGLE, "gpt2"), Preparations.inOrder());
        int[] tenths = new int[10];
        for (Read one : read(dataset, "validation")) {
            if (one.example().length() == 1024) {
                tenths[(int) Math.min(9, one.example().depth() * 10)]++;
            }
        }
        // A needle stands at the sentence that is nearest, which may be in the next tenth.
        assertThat(java.util.Arrays.stream(tenths).max().getAsInt()).isLessThanOrEqualTo(2);
        assertThat(java.util.Arrays.stream(tenths).filter(count -> count > 0).count())
                .isGreaterThan(6);
    }

    @Test
    void splitsHaveTextsOfTheirOwn() {
        AnswerDataset dataset = prepare(request("output", NeedleForm.SINGLE, "gpt2"), Preparations.inOrder());
        List<Set<String>> sentences = new ArrayList<>();
        for (String split : List.of("train", "validation", "test")) {
            Set<String> ofSplit = new HashSet<>();
            for (Read one : read(dataset, split)) {
                Matcher matcher = Pattern.compile("s\\d+ of text t\\d+").matcher(one.prompt());
                while (matcher.find()) {
                    ofSplit.add(matcher.group());
                }
            }
            assertThat(ofSplit).isNotEmpty();
            sentences.forEach(other -> assertThat(ofSplit).doesNotContainAnyElementsOf(other));
            sentences.add(ofSplit);
        }
    }

    @Test
    void needlesStandBetweenSentences() {
        AnswerDataset dataset = prepare(request("output", NeedleForm.MULTI_KEY, "gpt2"), Preparations.inOrder());
        for (Read one : read(dataset, "validation")) {
            String context = one.prompt().substring(0, one.prompt().indexOf("\n\nQuestion: "));
            assertThat(context).as("begins with a sentence").matches("(?s)(Sentence|The code).*");
            assertThat(context).doesNotContainPattern("[a-z]The code number");
            Matcher matcher = NEEDLE.matcher(context);
            while (matcher.find()) {
                String before = context.substring(0, matcher.start()).strip();
                assertThat(before.isEmpty() || before.endsWith(".") || matcher.end() == context.length())
                        .as(before.substring(Math.max(0, before.length() - 40)))
                        .isTrue();
            }
        }
    }

    @Test
    void equalInputGivesEqualBytesAndAnotherSeedOthers() throws IOException {
        AnswerDataset one = prepare(request("one", NeedleForm.MULTI_VALUE, "gpt2"), Preparations.inOrder());
        AnswerDataset two = prepare(request("two", NeedleForm.MULTI_VALUE, "gpt2"), Preparations.backwards());
        assertThat(Preparations.files(Path.of(two.folder()))).isEqualTo(Preparations.files(Path.of(one.folder())));
        AnswerDataset other =
                prepare(request("other", NeedleForm.MULTI_VALUE, "gpt2").seed(2), Preparations.inOrder());
        assertThat(other.hash()).isNotEqualTo(one.hash());
    }

    @ValueSource(strings = {"train", "validation"})
    @ParameterizedTest
    void aTextThatIsTooShortIsRefused(String split) {
        List<Integer> lengths = split.equals("train") ? List.of(200) : List.of(200, 60_000);
        AnswerOptions options = new AnswerOptions(
                NeedleForm.SINGLE, 3, lengths, split.equals("train") ? 300_000 : 0, List.of(3, 3, 3), List.of());
        assertThatThrownBy(() ->
                        prepare(request("output", NeedleForm.SINGLE, "bytes").options(options), Preparations.inOrder()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("has only", "bytes of text", "--ratios");
        assertThat(folder.resolve("output")).doesNotExist();
    }

    @Test
    void aLengthThatIsTooSmallForTheQuestionIsRefused() {
        AnswerOptions options = new AnswerOptions(NeedleForm.SINGLE, 3, List.of(100), 0, List.of(3, 3, 3), List.of());
        assertThatThrownBy(() ->
                        prepare(request("output", NeedleForm.SINGLE, "bytes").options(options), Preparations.inOrder()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("texts of 100 tokens", "--pad-to");
        assertThatThrownBy(() -> request("output", NeedleForm.SINGLE, "bytes")
                        .options(AnswerOptions.NONE)
                        .build())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--pad-to");
    }

    /** Chinese and Thai texts have no spaces, or none between words. */
    @Test
    void textsWithoutSpacesAreCutBetweenSentencesOrCharacters() throws IOException {
        Path other = Files.createDirectory(folder.resolve("others"));
        for (int text = 0; text < 30; text++) {
            Files.writeString(
                    other.resolve("t" + text + ".txt"),
                    ("\u7b2c" + text + "\u8239\u5728\u6d77\u4e0a\u3002").repeat(100)
                            + "\u0e17\u0e30\u0e40\u0e25".repeat(200)
                            + new String(Character.toChars(0x1F30A)).repeat(300));
        }
        AnswerRequest.Builder request = AnswerRequest.of(
                        List.of(other.toString()), folder.resolve("output").toString())
                .corpus("needles")
                .ratios(new SplitRatios(0.5, 0.5, 0))
                .options(new AnswerOptions(NeedleForm.MULTI_KEY, 4, List.of(400), 0, List.of(20, 20, 1), List.of()));
        assertThatThrownBy(() -> prepare(request, Preparations.inOrder()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("the split test", "--ratios", "--examples");
        AnswerDataset dataset = prepare(
                request.options(
                        new AnswerOptions(NeedleForm.MULTI_KEY, 4, List.of(400), 0, List.of(20, 20, 0), List.of())),
                Preparations.inOrder());
        for (Read one : read(dataset, "train")) {
            assertThat(one.values()).hasSize(4);
            assertThat(one.prompt().toLowerCase(Locale.ROOT))
                    .as("no character is cut")
                    .doesNotContain("\uFFFD");
        }
    }
}
