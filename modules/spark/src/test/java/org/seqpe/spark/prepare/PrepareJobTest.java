package org.seqpe.spark.prepare;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.prepare.ImagePreparation;
import org.seqpe.data.image.prepare.ImageRequest;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.prepare.Separator;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.haystack.NeedleForm;
import org.seqpe.data.qa.prepare.AnswerOptions;
import org.seqpe.data.qa.prepare.AnswerRequest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.spark.SparkSessions;

/**
 * What only a cluster can get wrong: the order of tasks, retries, and files that Spark wrote. The preparation itself is
 * tested in modules/data.
 */
class PrepareJobTest {
    @TempDir
    private Path folder;

    private static SparkSession spark(String master) {
        return SparkSessions.create(
                master,
                "prepare",
                Map.of(
                        "spark.ui.enabled",
                        "false",
                        "spark.driver.host",
                        "127.0.0.1",
                        "spark.driver.bindAddress",
                        "127.0.0.1"));
    }

    private static JavaSparkContext context(SparkSession spark) {
        return new JavaSparkContext(spark.sparkContext());
    }

    private PrepareRequest.Builder request(Path input, String output) {
        return PrepareRequest.of(
                        List.of(input.toString()), folder.resolve(output).toString())
                .tokenizer("bytes");
    }

    /** Every file of a folder, by name. */
    private static Map<String, String> bytes(Path dataset) throws IOException {
        Map<String, String> files = new HashMap<>();
        try (Stream<Path> walk = Files.walk(dataset)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(
                        dataset.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    private static String text(TokenDataset dataset, String name) {
        try (TokenSplit split = dataset.split(name)) {
            int[] tokens = new int[(int) split.tokens()];
            split.read(0, tokens, 0, tokens.length);
            return dataset.tokenizer().decode(tokens);
        }
    }

    /** Several spool files, parts and shards: about 10 MB in 12 files. */
    private Path library() throws IOException {
        Path library = Files.createDirectory(folder.resolve("library"));
        for (int book = 0; book < 12; book++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 9000; i++) {
                text.append("In book ")
                        .append(book)
                        .append(" the ")
                        .append(i * 7919 % 10_007)
                        .append("th sentence follows those before it, as sentences do.")
                        .append(i % 5 == 4 ? "\n\n" : " ");
            }
            Files.writeString(library.resolve("book" + book + ".txt"), text);
        }
        return library;
    }

    @Test
    void theBytesDoNotDependOnCoresOrPartitions() throws IOException {
        Path library = library();
        Map<String, String> first;
        try (SparkSession one = spark("local[1]")) {
            PrepareJob.run(
                    context(one), request(library, "one").shardTokens(1_000_000).build(), PrepareProgress.NONE, 1);
            first = bytes(folder.resolve("one"));
        }
        assertThat(first.keySet())
                .contains("manifest.json", "train-00000.bin", "train-00001.idx", "validation-00000.counts")
                .as("no working files")
                .noneMatch(name -> name.contains("work"));
        try (SparkSession two = spark("local[2]")) {
            for (int partitions : new int[] {3, 1000}) {
                String output = "two-" + partitions;
                PrepareJob.run(
                                context(two),
                                request(library, output).shardTokens(1_000_000).build(),
                                PrepareProgress.NONE,
                                partitions)
                        .verify();
                assertThat(bytes(folder.resolve(output)).equals(first))
                        .as("the same files with %s partitions", partitions)
                        .isTrue();
            }
        }
    }

    /** Needles in 12 files of text: several tasks a split, and several shards. */
    @Test
    void theBytesOfAnswersDoNotDependOnCoresOrPartitions() throws IOException {
        Path library = library();
        AnswerOptions options = new AnswerOptions(
                NeedleForm.MULTI_KEY, 3, List.of(1024, 8192), 20_000, List.of(120, 100, 10), List.of());
        Map<String, String> first = null;
        for (String[] run : new String[][] {{"local[1]", "1"}, {"local[2]", "3"}, {"local[2]", "1000"}}) {
            Path output = folder.resolve("answers" + run[1]);
            try (SparkSession spark = spark(run[0])) {
                AnswerRequest request = AnswerRequest.of(List.of(library.toString()), output.toString())
                        .corpus("needles")
                        .tokenizer("bytes")
                        .ratios(new SplitRatios(0.8, 0.1, 0.1))
                        .shardTokens(1_000_000)
                        .options(options)
                        .build();
                PrepareJob.run(context(spark), request, PrepareProgress.NONE, Integer.parseInt(run[1]))
                        .verify();
            }
            Map<String, String> files = bytes(output);
            assertThat(files.keySet())
                    .contains("manifest.json", "train-00001.bin", "train-00002.idx", "validation-00000.jsonl")
                    .as("no working files")
                    .noneMatch(name -> name.contains("work"));
            first = first == null ? files : first;
            assertThat(files.equals(first)).as("the same files with " + run[1]).isTrue();
        }
    }

    @Test
    void aProblemOfATaskIsToldOnceAndNothingIsLeft() throws IOException {
        Path lines = folder.resolve("lines/train.jsonl");
        Files.createDirectory(lines.getParent());
        Files.writeString(lines, "{\"input\":\"a\",\"outputs\":[\"b\"]}\n{\"input\":\"a\"}\n");
        try (SparkSession spark = spark("local[2]")) {
            assertThat(PrepareJob.kindOfAnswers(
                            context(spark), List.of(lines.getParent().toString()), "auto"))
                    .contains(AnswerCorpusKind.JSONL);
            AnswerRequest request = AnswerRequest.of(
                            List.of(lines.toString()), folder.resolve("none").toString())
                    .build();
            assertThatThrownBy(() -> PrepareJob.run(context(spark), request, PrepareProgress.NONE))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll("line 2 of ", "'outputs', found no such field");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactly("lines");
        }
    }

    /** Pictures in 5 folders of classes, with a file that is none: many tasks and shards of 5000 bytes. */
    private Path album() throws IOException {
        Path album = folder.resolve("album");
        for (int i = 0; i < 240; i++) {
            BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
            for (int x = 0; x < 64; x++) {
                image.setRGB(x, i % 48, i * 7919 + x * x);
            }
            Path file = album.resolve((i % 8 == 7 ? "val" : "train") + "/class " + i % 5 + "/" + i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile());
        }
        Files.writeString(album.resolve("train/class 1/broken.png"), "no picture");
        return album;
    }

    @Test
    void theBytesOfPicturesDoNotDependOnCoresOrPartitions() throws IOException {
        String album = album().toString();
        List<String> inputs = List.of(album);
        Map<String, String> first;
        try (SparkSession one = spark("local[1]")) {
            ImageRequest.Builder request =
                    ImageRequest.of(inputs, folder.resolve("one").toString());
            PrepareJob.run(context(one), request.shardBytes(5000).build(), PrepareProgress.NONE, 1);
            first = bytes(folder.resolve("one"));
        }
        assertThat(first.keySet())
                .contains("manifest.json", "train-00000.tar", "train-00004.idx", "validation-00000.tar")
                .noneMatch(name -> name.contains("work"));
        try (SparkSession two = spark("local[2]")) {
            for (int partitions : new int[] {3, 1000}) {
                String output = folder.resolve("two-" + partitions).toString();
                ImageDataset dataset = PrepareJob.run(
                        context(two),
                        ImageRequest.of(inputs, output).shardBytes(5000).build(),
                        PrepareProgress.NONE,
                        partitions);
                dataset.verify();
                assertThat(dataset.manifest().splits().get("train").skipped()).hasSize(1);
                assertThat(bytes(Path.of(output)).equals(first))
                        .as("the same files with %s partitions", partitions)
                        .isTrue();
            }
            // The runner of one thread makes them too.
            List<String> attempts = new ArrayList<>();
            new ImagePreparation(
                            ImageRequest.of(inputs, folder.resolve("alone").toString())
                                    .shardBytes(5000)
                                    .build(),
                            (stage, tasks, work) -> tasks.stream()
                                    .map(task -> {
                                        attempts.add(task);
                                        return work.run(task, "alone" + attempts.size());
                                    })
                                    .toList(),
                            PrepareProgress.NONE,
                            "alone")
                    .run();
            assertThat(bytes(folder.resolve("alone")).equals(first)).isTrue();
        }
    }

    @Test
    void parquetRowsAreDocumentsOrWikiTextsLines() throws IOException {
        try (SparkSession spark = spark("local[2]")) {
            List<String> documents = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                documents.add("Document " + i + " of a table — with text.\n");
            }
            Path table = parquet(spark, documents, "content", folder.resolve("table/rows.parquet"))
                    .getParent();
            TokenDataset rows = PrepareJob.run(
                    context(spark),
                    request(table, "rows")
                            .textColumn("content")
                            .ratios(new SplitRatios(0.8, 0.1, 0.1))
                            .build(),
                    PrepareProgress.NONE);
            assertThat(rows.manifest().corpus().kind()).isEqualTo("parquet");
            assertThat(rows.manifest().splits().values().stream()
                            .mapToLong(split -> split.documents())
                            .sum())
                    .isEqualTo(200);
            assertThatThrownBy(() -> PrepareJob.run(
                            context(spark), request(table, "none").build(), PrepareProgress.NONE))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("'text'")
                    .hasMessageContaining("content")
                    .hasMessageContaining("--text-column");

            List<String> lines = List.of(
                    "",
                    " = Salt = \n",
                    "",
                    " Salt is a mineral . \n",
                    " = = Use = = \n",
                    "",
                    " It is eaten . \n",
                    "",
                    " = Snow = \n",
                    "",
                    " Snow is water . \n");
            Path hub = folder.resolve("hub");
            // The article on salt goes on in the split's second file.
            Path first = parquet(spark, lines.subList(0, 5), "text", hub.resolve("train-00000-of-00002.parquet"));
            Path second =
                    parquet(spark, lines.subList(5, lines.size()), "text", hub.resolve("train-00001-of-00002.parquet"));
            Files.copy(first, hub.resolve("validation-00000-of-00001.parquet"));
            Files.copy(second, hub.resolve("test-00000-of-00001.parquet"));
            TokenDataset articles = PrepareJob.run(
                    context(spark),
                    request(hub, "articles").separator(Separator.NONE).build(),
                    PrepareProgress.NONE);
            assertThat(articles.manifest().corpus().kind()).isEqualTo("wikitext-parquet");
            assertThat(articles.manifest().splits().get("train").documents()).isEqualTo(2);
            assertThat(text(articles, "train")).isEqualTo(String.join("", lines));
        }
    }

    /** Writes one file, rows in order, with a column more than is needed. */
    private Path parquet(SparkSession spark, List<String> texts, String column, Path target) throws IOException {
        Path written = Files.createTempDirectory(folder, "parquet").resolve("table");
        spark.createDataset(texts, Encoders.STRING())
                .coalesce(1)
                .withColumn("other", lit(1))
                .withColumnRenamed("value", column)
                .write()
                .parquet(written.toString());
        Files.createDirectories(target.getParent());
        try (Stream<Path> files = Files.list(written)) {
            return Files.move(
                    files.filter(name -> name.toString().endsWith(".parquet"))
                            .findFirst()
                            .orElseThrow(),
                    target);
        }
    }

    @Test
    void progressReachesTheNumberOfTasks() throws IOException {
        Path input = Files.createDirectory(folder.resolve("text"));
        Files.writeString(input.resolve("a.txt"), "Some words in a line.\n\n".repeat(1000));
        Map<String, int[]> stages = new HashMap<>();
        PrepareProgress progress = new PrepareProgress() {
            private String current;

            @Override
            public void stage(String name, int tasks) {
                current = name;
                stages.put(name, new int[] {tasks, 0});
            }

            @Override
            public void done(int tasks) {
                stages.get(current)[1] = tasks;
            }

            @Override
            public void note(String message) {}
        };
        try (SparkSession spark = spark("local[2]")) {
            PrepareJob.run(context(spark), request(input, "prepared").build(), progress);
        }
        assertThat(stages).containsOnlyKeys("measure", "collect", "tokenize", "merge");
        assertThat(stages.values()).allMatch(stage -> stage[0] == stage[1]);
    }
}
