package org.seqpe.data.qa.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.prepare.Preparations;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerManifest;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.data.qa.haystack.NeedleForm;

/** SQuAD's questions, as they come and among other paragraphs, by whole preparations in this thread. */
class AnswerSquadTest {
    private static final TaskSizes SMALL = new TaskSizes(3000, 1500, 1000);

    @TempDir
    private Path folder;

    private Path input;
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("squad"));
    }

    private static Map<String, Object> answer(String text, int start) {
        return Map.of("text", text, "answer_start", start);
    }

    private static Map<String, Object> question(String question, Object answers) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", "q");
        entry.put("question", question);
        entry.put("answers", answers);
        return entry;
    }

    private static Map<String, Object> paragraph(String context, List<?> questions) {
        return Map.of("context", context, "qas", questions);
    }

    private static String squad(List<?>... articles) {
        List<Object> data = new ArrayList<>();
        for (List<?> paragraphs : articles) {
            data.add(Map.of("title", "Article " + data.size(), "paragraphs", paragraphs));
        }
        return Json.line(Map.of("version", "1.1", "data", data));
    }

    private void write(String name, String json) throws IOException {
        Files.writeString(input.resolve(name), json);
    }

    private AnswerRequest.Builder request(String output) {
        return AnswerRequest.of(
                List.of(input.toString()), folder.resolve(output).toString());
    }

    private AnswerDataset prepare(AnswerRequest.Builder request) {
        return prepare(request, Preparations.inOrder());
    }

    private AnswerDataset prepare(AnswerRequest.Builder request, TaskRunner runner) {
        return new AnswerPreparation(request.build(), runner, Preparations.noting(notes), "test", SMALL).run();
    }

    private record Read(AnswerExample example, String prompt, String answer) {
        String context() {
            return prompt.substring(0, prompt.lastIndexOf("\n\nQuestion: "));
        }

        String question() {
            return prompt.substring(prompt.lastIndexOf("\n\nQuestion: ") + 12, prompt.lastIndexOf("\nAnswer:"));
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

    @Test
    void questionsKeepTheirContextAndAnswers() throws IOException {
        // The wave is one code point of two characters: SQuAD's offsets count code points.
        String context = "  The \uD83C\uDF0A lighthouse of Vell stands on a reef near the reef. ";
        int at = context.codePointCount(0, context.indexOf("a reef"));
        write(
                "dev-v1.1.json",
                squad(List.of(paragraph(
                        context,
                        List.of(
                                question(
                                        " Where does it stand? ",
                                        List.of(answer("a reef", at), answer("reef", at + 2), answer("a reef", at))),
                                question("What is near?", List.of(answer("reef", at + 16))))))));
        write(
                "train-v1.1.json",
                squad(List.of(paragraph("Ships.", List.of(question("Who?", List.of(answer("Ships", 0))))))));
        AnswerDataset dataset = prepare(request("output").tokenizer("bytes"));
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("squad");
        assertThat(dataset.manifest().splits().keySet()).containsExactly("train", "validation");
        List<Read> read = read(dataset, "validation");
        assertThat(read.get(0).prompt()).isEqualTo(context.strip() + "\n\nQuestion: Where does it stand?\nAnswer:");
        assertThat(read.get(0).answer()).isEqualTo(" a reef");
        assertThat(read.get(0).example().outputs()).containsExactly("a reef", "reef");
        String stripped = context.strip();
        assertThat(read.get(0).example().depth()).isEqualTo(stripped.indexOf("a reef") / (double) stripped.length());
        assertThat(read.get(1).example().depth()).isEqualTo(stripped.lastIndexOf("reef") / (double) stripped.length());
        assertThat(dataset.manifest().splits().get("validation").remarks()).isEmpty();
    }

    @Test
    void whatCannotBeAskedIsCountedByReason() throws IOException {
        String context = "Ada wrote notes in London, and Ada met Babbage.";
        Map<String, Object> impossible = question("Who was king?", List.of());
        impossible.put("is_impossible", true);
        write(
                "train-v2.0.json",
                squad(List.of(
                        paragraph(
                                context,
                                List.of(
                                        question("Who wrote?", List.of(answer("Ada", 0))),
                                        question("Who wrote?", List.of(answer("Ada", 0))),
                                        question("Who wrote?", List.of(answer("Ada", 0), answer("Babbage", 39))),
                                        impossible,
                                        question("What?", List.of()),
                                        question(" ", List.of(answer("Ada", 0))),
                                        question("Where?", List.of(answer(" ", 3))),
                                        question("Where?", List.of(answer("Paris", 3))),
                                        question("Whom?", List.of(answer("Paris", 3), answer("Ada", 29))))),
                        paragraph(" ", List.of(question("Who?", List.of(answer("Ada", 0))))))));
        AnswerDataset dataset = prepare(request("output"));
        AnswerManifest.Split split = dataset.manifest().splits().get("train");
        assertThat(split.skipped())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "duplicate",
                        1L,
                        "unanswerable",
                        1L,
                        "no answers",
                        1L,
                        "empty",
                        3L,
                        "answer not in the context",
                        1L));
        assertThat(split.remarks()).containsExactly(Map.entry("answer at another place than its offset", 1L));
        List<Read> read = read(dataset, "train");
        assertThat(read).hasSize(3);
        assertThat(read.get(1).example().outputs()).containsExactly("Ada", "Babbage");
        assertThat(read.get(2).example().outputs()).containsExactly("Ada");
        assertThat(read.get(2).example().depth())
                .as("the occurrence that is nearest to the offset")
                .isEqualTo(context.lastIndexOf("Ada") / (double) context.length());
        assertThat(read.get(2).example().index())
                .as("the number among all questions")
                .isEqualTo(8);
        assertThat(notes).anyMatch(note -> note.contains("Kept 1 questions"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\": [ | found in line 1",
                "[] | found no object",
                "{\"version\":\"1.1\"} | no field 'data'",
                "{\"data\":{}} | no array in 'data'",
                "{\"data\":[{\"title\":\"Vell\"}]} | article 1 (Vell) of",
                "{\"data\":[{\"paragraphs\":[{\"qas\":[]}]}]} | paragraph 1 of article 1 of",
                "{\"data\":[{\"paragraphs\":[{\"context\":\"a\",\"qas\":[{\"answers\":[]}]}]}]} | question 1 of paragraph 1 of article 1 of",
                "{\"data\":[{\"paragraphs\":[{\"context\":\"a\",\"qas\":[{\"question\":\"b\",\"answers\":[{\"text\":\"a\"}]}]}]}]} | 'answer_start'"
            })
    void whatIsNoSquadIsRefused(String json, String problem) throws IOException {
        write("train.json", json);
        assertThatThrownBy(() -> prepare(request("output").corpus("squad")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(problem, "train.json");
        assertThat(folder.resolve("output")).doesNotExist();
    }

    @Test
    void questionsThatCannotBeReadAreSkippedIfAsked() throws IOException {
        write(
                "train.json",
                squad(List.of(paragraph(
                        "Ships.", List.of(question("Who?", List.of(answer("Ships", 0))), question("Who?", "Ships"))))));
        AnswerDataset dataset = prepare(request("output").skipInvalid(true));
        assertThat(dataset.manifest().splits().get("train").skipped())
                .containsExactly(Map.entry("missing or mistyped field", 1L));
        assertThat(notes).anyMatch(note -> note.contains("question 2 of paragraph 1"));
    }

    @Test
    void articlesStayInOneSplitIfFilesNameNone() throws IOException {
        List<List<?>> articles = new ArrayList<>();
        for (int article = 0; article < 60; article++) {
            List<Object> paragraphs = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                paragraphs.add(paragraph(
                        "Paragraph " + i + " of article a" + article + ".",
                        List.of(question("Which?", List.of(answer("a" + article, 23))))));
            }
            articles.add(paragraphs);
        }
        write("questions.json", squad(articles.toArray(List[]::new)));
        AnswerDataset dataset = prepare(request("output").ratios(new SplitRatios(0.6, 0.2, 0.2)));
        Set<String> seen = new HashSet<>();
        int examples = 0;
        for (String split : List.of("train", "validation", "test")) {
            Set<String> ofSplit = new HashSet<>();
            for (Read one : read(dataset, split)) {
                ofSplit.add(one.answer());
                examples++;
            }
            assertThat(ofSplit).isNotEmpty().noneMatch(seen::contains);
            seen.addAll(ofSplit);
        }
        assertThat(examples).isEqualTo(180);
        assertThat(seen).hasSize(60);
    }

    /** 40 paragraphs of about 90 tokens for train, 30 for validation, with two questions each. */
    private void writeMany() throws IOException {
        for (String name : List.of("train", "dev")) {
            List<List<?>> articles = new ArrayList<>();
            for (int article = 0; article < (name.equals("dev") ? 6 : 8); article++) {
                List<Object> paragraphs = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    StringBuilder context = new StringBuilder();
                    for (int sentence = 0; sentence < 6; sentence++) {
                        context.append("Sentence ")
                                .append(sentence)
                                .append(" of ")
                                .append(name)
                                .append(" paragraph p")
                                .append(article)
                                .append(i)
                                .append("x is about ships and a lighthouse. ");
                    }
                    String id = "p" + article + i + "x";
                    context.append("It was built in ")
                            .append(1000 + 10 * article + i)
                            .append(" by Ada.");
                    String text = context.toString();
                    String year = Integer.toString(1000 + 10 * article + i);
                    paragraphs.add(paragraph(
                            text,
                            List.of(
                                    question("When was " + id + " built?", List.of(answer(year, text.indexOf(year)))),
                                    question("Which one is the " + i + "th?", List.of(answer(id, text.indexOf(id)))))));
                }
                articles.add(paragraphs);
            }
            write(name + "-v1.1.json", squad(articles.toArray(List[]::new)));
        }
    }

    private static AnswerOptions padTo(int train, Integer... lengths) {
        return new AnswerOptions(
                NeedleForm.SINGLE, 4, List.of(lengths), train, AnswerOptions.DEFAULT_EXAMPLES, List.of());
    }

    @Test
    void paragraphsStandAmongOthersUpToTheLength() throws IOException {
        writeMany();
        AnswerDataset dataset = prepare(request("output").options(padTo(300, 1000, 600)));
        dataset.verify();
        assertThat(dataset.manifest().options())
                .containsEntry("pad-to", "600,1000")
                .containsEntry("train-pad-to", "300")
                .containsEntry("seed", "1");
        assertThat(dataset.manifest().splits().get("train").counts().lengths()).containsExactly(Map.entry(300, 80L));
        assertThat(dataset.manifest().splits().get("validation").counts().lengths())
                .containsExactly(Map.entry(600, 60L), Map.entry(1000, 60L));
        Map<Integer, Set<Long>> indexes = new LinkedHashMap<>();
        List<Integer> slots = new ArrayList<>();
        for (String split : List.of("train", "validation")) {
            for (Read one : read(dataset, split)) {
                AnswerExample example = one.example();
                int tokens = example.prompt().length + example.answer().length + 1;
                // Less than a sentence is missing.
                assertThat(tokens).isBetween(example.length() - 40, example.length());
                String output = example.outputs().get(0);
                String context = one.context();
                int at = (int) Math.round(example.depth() * context.length());
                assertThat(context.substring(at)).startsWith(output);
                List<String> paragraphs = List.of(context.split("\n\n"));
                List<String> having = paragraphs.stream()
                        .filter(paragraph ->
                                paragraph.toLowerCase(Locale.ROOT).contains(output.toLowerCase(Locale.ROOT)))
                        .toList();
                assertThat(having).as("no other paragraph has the answer").hasSize(1);
                assertThat(paragraphs).doesNotHaveDuplicates().allMatch(paragraph -> paragraph.endsWith("."));
                assertThat(context)
                        .as("paragraphs of the same split")
                        .doesNotContain(split.equals("train") ? "of dev" : "of train");
                if (split.equals("validation")) {
                    indexes.computeIfAbsent(example.length(), length -> new HashSet<>())
                            .add(example.index());
                    if (example.length() == 1000) {
                        slots.add(paragraphs.indexOf(having.get(0)));
                    }
                }
            }
        }
        assertThat(indexes.get(600)).hasSize(60).isEqualTo(indexes.get(1000));
        assertThat(slots.stream().distinct().count()).as("at many places").isGreaterThan(6);
    }

    @Test
    void equalInputGivesEqualBytesAndAnotherSeedOthers() throws IOException {
        writeMany();
        AnswerDataset one = prepare(request("one").options(padTo(0, 400, 700)).shardTokens(5000));
        AnswerDataset two =
                prepare(request("two").options(padTo(0, 400, 700)).shardTokens(5000), Preparations.backwards());
        assertThat(Preparations.files(Path.of(two.folder()))).isEqualTo(Preparations.files(Path.of(one.folder())));
        assertThat(one.manifest().splits().get("validation").shards()).hasSizeGreaterThan(3);
        AnswerDataset other =
                prepare(request("other").options(padTo(0, 400, 700)).seed(2));
        assertThat(read(other, "train").get(0).prompt())
                .isNotEqualTo(read(one, "train").get(0).prompt());
    }

    @Test
    void questionsThatAreTooLongAreCounted() throws IOException {
        writeMany();
        String context = "Word ".repeat(500) + "end.";
        write(
                "dev-v1.1.json",
                Files.readString(input.resolve("dev-v1.1.json"))
                        .replaceFirst(
                                "\\[\\{",
                                "[{\"title\":\"Long\",\"paragraphs\":["
                                        + Json.line(paragraph(
                                                context,
                                                List.of(question(
                                                        "What?", List.of(answer("end", context.indexOf("end")))))))
                                        + "]},{"));
        AnswerDataset dataset = prepare(request("output").options(padTo(300, 400, 1000)));
        AnswerManifest.Split split = dataset.manifest().splits().get("validation");
        assertThat(split.skipped()).containsExactly(Map.entry("longer than 400 tokens", 1L));
        assertThat(split.counts().lengths()).containsExactly(Map.entry(400, 60L), Map.entry(1000, 61L));
    }

    @Test
    void paragraphsOfATextCanBeTheOthers() throws IOException {
        writeMany();
        Path text = folder.resolve("novel.txt");
        StringBuilder novel = new StringBuilder();
        for (int i = 0; i < 600; i++) {
            novel.append("Chapter line ").append(i).append(" tells of the sea. It is calm.\n\n");
        }
        Files.writeString(text, novel);
        AnswerOptions options = new AnswerOptions(
                NeedleForm.SINGLE, 4, List.of(600), 0, AnswerOptions.DEFAULT_EXAMPLES, List.of(text.toString()));
        AnswerDataset dataset =
                prepare(request("output").ratios(new SplitRatios(0.5, 0.5, 0)).options(options));
        assertThat(dataset.manifest().options().get("haystack"))
                .isEqualTo("novel.txt, by position, 0.5/0.5/0.0, seed 1");
        Set<String> ofTrain = new HashSet<>();
        for (Read one : read(dataset, "train")) {
            assertThat(one.context()).contains("tells of the sea");
            assertThat(one.context().split("Sentence 0", -1))
                    .as("one paragraph of SQuAD")
                    .hasSize(2);
            ofTrain.addAll(List.of(one.context().split("\n\n")));
        }
        for (Read one : read(dataset, "validation")) {
            assertThat(List.of(one.context().split("\n\n"))).doesNotContainAnyElementsOf(ofTrain);
        }
    }

    @Test
    void questionsWhoseAnswersStandEverywhereAreCounted() throws IOException {
        writeMany();
        String context = "A full stop. It ends.";
        write(
                "dev-v1.1.json",
                Files.readString(input.resolve("dev-v1.1.json"))
                        .replaceFirst(
                                "\\[\\{",
                                "[{\"title\":\"Stop\",\"paragraphs\":["
                                        + Json.line(paragraph(
                                                context, List.of(question("Which sign?", List.of(answer(".", 11))))))
                                        + "]},{"));
        AnswerManifest.Split split = prepare(request("output").options(padTo(300, 400, 1000)))
                .manifest()
                .splits()
                .get("validation");
        assertThat(split.skipped()).containsExactly(Map.entry("the answer stands in too many other paragraphs", 2L));
        assertThat(split.counts().lengths()).containsExactly(Map.entry(400, 60L), Map.entry(1000, 60L));
    }

    @Test
    void tooFewOtherParagraphsAreRefused() throws IOException {
        writeMany();
        assertThatThrownBy(() -> prepare(request("output").options(padTo(300, 600, 20_000))))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("contexts of 20000 tokens", "bytes of other paragraphs", "--haystack");
        assertThat(folder.resolve("output")).doesNotExist();
    }

    @Test
    void linesCannotBeMadeLonger() throws IOException {
        Files.write(
                input.resolve("train.jsonl"),
                "{\"input\":\"a\",\"outputs\":[\"b\"]}\n".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> prepare(request("output").options(padTo(300, 600))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("they stay as they come");
    }
}
