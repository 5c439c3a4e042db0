package org.seqpe.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.UserException;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.SplitRatios;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.prepare.Separator;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.spark.prepare.PrepareJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe prepare}: turns raw text into token shards and a manifest. */
@Command(
        name = "prepare",
        description =
                "Turns text into token shards and a manifest: equal input gives equal bytes, on any number of cores.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe prepare --input my-texts/ --output data/mine",
            "  seqpe prepare --input wikitext-103-raw/ --corpus wikitext \\",
            "    --separator none --output data/wikitext103",
            "  spark-submit --class org.seqpe.cli.Seqpe ... prepare --corpus pg19 \\",
            "    --input hdfs:///corpora/pg19 --output hdfs:///data/pg19",
            "  seqpe prepare --input train.parquet --input test.parquet \\",
            "    --text-column content --output data/hub"
        })
final class PrepareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private SparkOptions spark;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "PATH",
            description =
                    "A file or folder of text, plain or compressed (gzip, bzip2, zstd), or of Parquet; may be repeated. A comma is part of a name.")
    private List<String> inputs;

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "The dataset to make.")
    private String output;

    @Option(
            names = "--corpus",
            defaultValue = PrepareRequest.AUTO,
            paramLabel = "KIND",
            description =
                    "auto, wikitext, pg19, text (a file a document), lines (a line a document), lucene-lines, jsonl (a JSON object a line), parquet, wikitext-parquet. Default: ${DEFAULT-VALUE}.")
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
            defaultValue = "train,validation,test",
            paramLabel = "NAME",
            description =
                    "Splits to make of corpora that have their own; each must be there. Default: ${DEFAULT-VALUE}.")
    private List<String> splits;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "NUMBER",
            description = "Decides which documents go to which split. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--shard-tokens",
            defaultValue = "" + PrepareRequest.DEFAULT_SHARD_TOKENS,
            paramLabel = "TOKENS",
            description = "A shard is closed once it has this many. Default: ${DEFAULT-VALUE}.")
    private long shardTokens;

    @Option(names = "--overwrite", description = "Replace a dataset that is already there.")
    private boolean overwrite;

    @Option(
            names = "--skip-invalid",
            description =
                    "Leave out documents that are no valid UTF-8, and count them, instead of refusing the corpus.")
    private boolean skipInvalid;

    @Override
    public Integer call() {
        if (ratios.length != 3) {
            throw new UserException(
                    "Cannot use --ratios: expected three shares, such as 0.98,0.01,0.01, found " + ratios.length + ".");
        }
        PrepareRequest request = PrepareRequest.of(inputs, output)
                .corpus(corpus)
                .textColumn(textColumn)
                .tokenizer(tokenizer)
                .separator(separator)
                .ratios(new SplitRatios(ratios[0], ratios[1], ratios[2]))
                .splits(splits)
                .seed(seed)
                .shardTokens(shardTokens)
                .overwrite(overwrite)
                .skipInvalid(skipInvalid)
                .build();
        try (SparkSession session = spark.open("seqpe prepare " + output);
                Progress progress = TerminalProgress.create()) {
            TokenDataset dataset = PrepareJob.run(
                    JavaSparkContext.fromSparkContext(session.sparkContext()), request, new Stages(progress));
            progress.close();
            spec.commandLine().getOut().print(summary(dataset));
        }
        return 0;
    }

    /** A summary of a dataset, with one line per split. */
    static String summary(TokenDataset dataset) {
        DatasetManifest manifest = dataset.manifest();
        DatasetManifest.Corpus corpus = manifest.corpus();
        StringBuilder input = new StringBuilder(
                String.format(Locale.ROOT, "%-12s %,15d files %,15d bytes%n", "read", corpus.files(), corpus.bytes()));
        corpus.leftOut()
                .forEach((reason, files) -> input.append(String.format(
                        Locale.ROOT,
                        "%-12s %,15d files %,15d bytes: %s%n",
                        "left out",
                        files.files(),
                        files.bytes(),
                        reason)));
        corpus.shared()
                .forEach((where, documents) -> input.append(
                        String.format(Locale.ROOT, "%-12s %,15d documents: %s%n", "shared", documents, where)));
        return input
                + manifest.splits().entrySet().stream()
                        .map(entry -> {
                            DatasetManifest.Split split = entry.getValue();
                            String skipped = split.skipped().entrySet().stream()
                                    .map(e -> String.format(Locale.ROOT, ", %,d skipped: %s", e.getValue(), e.getKey()))
                                    .collect(Collectors.joining());
                            return String.format(
                                    Locale.ROOT,
                                    "%-12s %,15d tokens %,12d documents%s%n",
                                    entry.getKey(),
                                    split.tokens(),
                                    split.documents(),
                                    skipped);
                        })
                        .collect(Collectors.joining())
                + "Dataset: " + dataset.folder() + System.lineSeparator();
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
