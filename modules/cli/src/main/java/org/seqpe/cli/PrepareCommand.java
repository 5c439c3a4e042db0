package org.seqpe.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.UserException;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.corpus.CorpusKind;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.image.corpus.ImageColumns;
import org.seqpe.data.image.corpus.ImageCorpusKind;
import org.seqpe.data.image.prepare.ImageRequest;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.prepare.Separator;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.prepare.AnswerOptions;
import org.seqpe.data.qa.prepare.AnswerRequest;
import org.seqpe.spark.prepare.PrepareJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe prepare}: turns raw text or pictures into shards and a manifest. */
@Command(
        name = "prepare",
        description =
                "Turns text into token shards, pictures into image shards, or questions and answers into examples, with a manifest: equal input gives equal bytes, on any number of cores.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe prepare --input my-texts/ --output data/mine",
            "  seqpe prepare --input wikitext-103-raw/ --corpus wikitext \\",
            "    --separator none --output data/wikitext103",
            "  spark-submit --class org.seqpe.cli.Seqpe ... prepare --corpus pg19 \\",
            "    --input hdfs:///corpora/pg19 --output hdfs:///data/pg19",
            "  seqpe prepare --input train.parquet --input test.parquet \\",
            "    --text-column content --output data/hub",
            "  seqpe prepare --input ILSVRC2012/ --output data/imagenet",
            "  seqpe prepare --input flowers/ --resize 256 --output data/flowers",
            "  seqpe prepare --input my-texts/ --corpus needles --pad-to 1024,4096 --output data/needles",
            "  seqpe prepare --input squad/ --pad-to 1024,4096 --output data/squad-long"
        })
final class PrepareCommand implements Callable<Integer> {
    private static final String TEXT_COLUMN = "--text-column";
    private static final List<String> FOR_TEXT = List.of("--tokenizer", "--separator", TEXT_COLUMN, "--shard-tokens");
    private static final List<String> FOR_PICTURES =
            List.of("--image-column", "--label-column", "--shard-bytes", "--resize");

    @Spec
    private CommandSpec spec;

    @Mixin
    private SparkOptions spark;

    @Mixin
    private QuestionOptions questions;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "PATH",
            description =
                    "A file or folder of text, plain or compressed (gzip, bzip2, zstd), of pictures, or of Parquet; may be repeated. A comma is part of a name.")
    private List<String> inputs;

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "The dataset to make.")
    private String output;

    @Option(
            names = "--corpus",
            defaultValue = PrepareRequest.AUTO,
            paramLabel = "KIND",
            description =
                    "auto, wikitext, pg19, text (a file a document), lines (a line a document), lucene-lines, jsonl (a JSON object a line), parquet, wikitext-parquet; of pictures: imagenet (as it is distributed), image-folders (a folder a class), image-parquet; of questions: answers-jsonl (RULER's form), squad, needles (hidden in any text). Default: ${DEFAULT-VALUE}.")
    private String corpus;

    @Option(
            names = "--tokenizer",
            defaultValue = "gpt2",
            paramLabel = "ID",
            description = "gpt2 or bytes. Default: ${DEFAULT-VALUE}.")
    private String tokenizer;

    @Option(
            names = "--separator",
            defaultValue = "END_OF_TEXT",
            paramLabel = "KIND",
            description =
                    "After each document: end_of_text, or none as in the SeqPE authors' runs. Default: end_of_text.")
    private Separator separator;

    @Option(
            names = {"--text-column", "--text-field"},
            defaultValue = "text",
            paramLabel = "NAME",
            description = "Column of Parquet files, or field of JSON Lines. Default: ${DEFAULT-VALUE}.")
    private String textColumn;

    @Option(
            names = "--ratios",
            split = ",",
            defaultValue = "0.98,0.01,0.01",
            paramLabel = "SHARE",
            description =
                    "Shares of train, validation and test for corpora without splits of their own. Default: ${DEFAULT-VALUE}.")
    private double[] ratios;

    @Option(
            names = "--splits",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Splits to make of corpora that have their own; each must be there. Default: train,validation,test for text, those that are there for pictures and questions.")
    private List<String> splits;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "NUMBER",
            description =
                    "Decides which documents, pictures or questions go to which split, and what is hidden where. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--shard-tokens",
            defaultValue = "" + PrepareRequest.DEFAULT_SHARD_TOKENS,
            paramLabel = "TOKENS",
            description = "A shard is closed once it has this many. Default: ${DEFAULT-VALUE}.")
    private long shardTokens;

    @Option(
            names = "--image-column",
            defaultValue = "image",
            paramLabel = "NAME",
            description = "Column of Parquet files with pictures. Default: ${DEFAULT-VALUE}.")
    private String imageColumn;

    @Option(
            names = "--label-column",
            defaultValue = "label",
            paramLabel = "NAME",
            description = "Column of Parquet files with the classes of pictures. Default: ${DEFAULT-VALUE}.")
    private String labelColumn;

    @Option(
            names = "--shard-bytes",
            defaultValue = "" + ImageRequest.DEFAULT_SHARD_BYTES,
            paramLabel = "BYTES",
            description = "A shard of pictures is closed once it has this many. Default: ${DEFAULT-VALUE}.")
    private long shardBytes;

    @Option(
            names = "--resize",
            defaultValue = "0",
            paramLabel = "PIXELS",
            description =
                    "Reduce pictures whose short side is longer to this many pixels. Default: keep all as they come.")
    private int resize;

    @Option(names = "--overwrite", description = "Replace a dataset that is already there.")
    private boolean overwrite;

    @Option(
            names = "--skip-invalid",
            negatable = true,
            fallbackValue = "true",
            description =
                    "Leave out documents that are no valid UTF-8, files that are no picture, or questions that cannot be used, and count them, instead of refusing the corpus. Default: yes for pictures, no otherwise.")
    private Boolean skipInvalid;

    @Override
    public Integer call() {
        requireKnownCorpus();
        // All are made before Spark starts, so that a value that cannot be is refused at once.
        PrepareRequest texts = textRequest();
        ImageRequest images = imageRequest();
        AnswerOptions options = questions.values();
        try (SparkSession session = spark.open("seqpe prepare " + output);
                Progress progress = TerminalProgress.create()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
            Stages stages = new Stages(progress);
            String summary;
            Optional<AnswerCorpusKind> answers = PrepareJob.kindOfAnswers(context, inputs, corpus);
            if (answers.isPresent()) {
                summary = DatasetSummary.of(PrepareJob.run(context, answerRequest(answers.get(), options), stages));
            } else if (PrepareJob.isOfPictures(context, inputs, corpus, columns())) {
                requireNone(FOR_TEXT, "pictures");
                requireNone(QuestionOptions.ALL, "pictures");
                summary = DatasetSummary.of(PrepareJob.run(context, images, stages));
            } else {
                requireNone(FOR_PICTURES, "text");
                requireNone(QuestionOptions.ALL, "text");
                summary = DatasetSummary.of(PrepareJob.run(context, texts, stages));
            }
            progress.close();
            spec.commandLine().getOut().print(summary);
        }
        return 0;
    }

    private void requireKnownCorpus() {
        if (!corpus.equals(PrepareRequest.AUTO)
                && !CorpusKind.ids().contains(corpus)
                && !ImageCorpusKind.ids().contains(corpus)
                && !AnswerCorpusKind.ids().contains(corpus)) {
            throw new UserException("Cannot prepare the corpus kind '" + corpus + "': expected auto or one of "
                    + String.join(", ", CorpusKind.ids()) + ", " + String.join(", ", ImageCorpusKind.ids()) + ", "
                    + String.join(", ", AnswerCorpusKind.ids()) + ".");
        }
    }

    private PrepareRequest textRequest() {
        PrepareRequest.Builder request = PrepareRequest.of(inputs, output)
                .corpus(CorpusKind.ids().contains(corpus) ? corpus : PrepareRequest.AUTO)
                .textColumn(textColumn)
                .tokenizer(tokenizer)
                .separator(separator)
                .ratios(ratios())
                .seed(seed)
                .shardTokens(shardTokens)
                .overwrite(overwrite)
                .skipInvalid(skipInvalid != null && skipInvalid);
        return (splits == null ? request : request.splits(splits)).build();
    }

    private ImageRequest imageRequest() {
        ImageRequest.Builder request = ImageRequest.of(inputs, output)
                .corpus(ImageCorpusKind.ids().contains(corpus) ? corpus : ImageRequest.AUTO)
                .columns(columns())
                .ratios(ratios())
                .seed(seed)
                .shardBytes(shardBytes)
                .shortSide(resize)
                .overwrite(overwrite)
                .skipInvalid(skipInvalid == null || skipInvalid);
        return (splits == null ? request : request.splits(splits)).build();
    }

    private AnswerRequest answerRequest(AnswerCorpusKind kind, AnswerOptions options) {
        requireNone(FOR_PICTURES, kind.id());
        requireNone(List.of("--separator"), kind.id());
        requireNone(questions.without(kind), kind.id());
        if (!questions.readsText(kind)) {
            requireNone(List.of(TEXT_COLUMN), kind.id());
        }
        if (kind == AnswerCorpusKind.NEEDLES) {
            requireNone(List.of("--splits"), kind.id());
        }
        return AnswerRequest.of(inputs, output)
                .corpus(kind.id())
                .textColumn(textColumn)
                .tokenizer(tokenizer)
                .ratios(ratios())
                .splits(splits == null ? List.of() : splits)
                .seed(seed)
                .shardTokens(shardTokens)
                .overwrite(overwrite)
                .skipInvalid(skipInvalid != null && skipInvalid)
                .options(options)
                .build();
    }

    private ImageColumns columns() {
        return new ImageColumns(imageColumn, labelColumn);
    }

    private SplitRatios ratios() {
        if (ratios.length != 3) {
            throw new UserException(
                    "Cannot use --ratios: expected three shares, such as 0.98,0.01,0.01, found " + ratios.length + ".");
        }
        return new SplitRatios(ratios[0], ratios[1], ratios[2]);
    }

    /** Refuses options that say nothing about such a corpus. */
    private void requireNone(List<String> options, String what) {
        for (String option : options) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new UserException("Cannot use " + option + ": the input is " + what
                        + ", for which this option says nothing. Leave it out, or name the kind of the input with"
                        + " --corpus.");
            }
        }
    }

    /** Shows the stages of a preparation as phases. */
    static final class Stages implements PrepareProgress {
        private final Progress progress;
        private int done;

        Stages(Progress progress) {
            this.progress = progress;
        }

        @Override
        public void stage(String name, int tasks) {
            done = 0;
            progress.start("Preparing: " + name, tasks);
        }

        @Override
        public void done(int tasks) {
            if (tasks > done) {
                progress.advance(tasks - done, "");
                done = tasks;
            }
        }

        @Override
        public void note(String message) {
            System.err.println(message);
        }
    }
}
