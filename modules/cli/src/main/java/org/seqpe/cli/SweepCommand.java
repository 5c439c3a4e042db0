package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.UserException;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.text.LanguageRow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seqpe sweep}: measures the perplexity of runs at many lengths, by one protocol or both. */
@Command(
        name = "sweep",
        description = "Measures runs at many lengths. Each run folder gets sweep.csv, sweep.json and report.html.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe sweep runs/quickstart",
            "  seqpe sweep runs/wikitext103 runs/wikitext103-rope --output runs/comparison",
            "  seqpe sweep runs/wikitext103 --lengths 512,1024,2048 \\",
            "    --set evaluation.protocols=[sliding] --set evaluation.stride=256",
            "  seqpe sweep runs/wikitext103 --cluster --master spark://host:7077",
            "  seqpe sweep runs/wikitext103 --data data/pg19 --output runs/on-pg19 \\",
            "    --set evaluation.max-tokens=1000000"
        })
final class SweepCommand implements Callable<Integer> {
    /** The checkpoint of a run to measure. */
    enum Which {
        BEST,
        LATEST
    }

    private static final String CLUSTER = "--cluster";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run folders that 'seqpe train' made.")
    private List<String> folders;

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "TOKENS",
            description = "Window lengths, in place of evaluation.lengths.")
    private List<Integer> lengths;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Override a key of the runs' configuration, such as evaluation.stride=256 or device.threads=4; may be repeated. "
                            + "What is measured is said by the first run's evaluation section.")
    private List<String> overrides = List.of();

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Another dataset of the same tokenizer than the one that the runs were trained on.")
    private String data;

    @Option(
            names = "--checkpoint",
            defaultValue = "BEST",
            paramLabel = "WHICH",
            description = "best (lowest validation loss; the latest where none was measured) or latest. Default: best.")
    private Which which;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description =
                    "Where sweep.csv, sweep.json and report.html about all of the runs go, instead of into the run folders.")
    private String output;

    @Option(
            names = CLUSTER,
            description =
                    "Score the windows on the executors of the Spark that --master names. The numbers are the same.")
    private boolean cluster;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() {
        if (spark.isGiven() && !cluster) {
            throw new UserException("Cannot use Spark for this sweep: expected " + CLUSTER
                    + " with --master and --spark, found none; add it, or leave them out.");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<String> settings = new ArrayList<>(overrides);
        if (lengths != null) {
            settings.add("evaluation.lengths=" + lengths);
        }
        List<RunFolder> runs = folders.stream().map(RunFolder::new).toList();
        RunSweep sweep = new RunSweep(runs, settings, data, which == Which.LATEST);
        (output == null ? runs : List.of(new RunFolder(output))).forEach(Outputs::requireSweep);
        List<LanguageRow> rows;
        try (SparkSession session = cluster ? spark.open("seqpe sweep " + String.join(" ", folders)) : null;
                Progress progress = TerminalProgress.create()) {
            rows = session == null
                    ? sweep.run(progress)
                    : sweep.run(JavaSparkContext.fromSparkContext(session.sparkContext()), progress);
        }
        out.println(RunReports.tables(rows));
        if (output != null) {
            RunReports.writeSweep(new RunFolder(output), runs, rows);
            out.println("Report: " + new RunFolder(output).report());
        } else {
            for (RunFolder run : runs) {
                RunReports.writeSweep(run, List.of(run), sweep.rowsOf(run, rows));
                out.println("Report: " + run.report());
            }
        }
        return 0;
    }
}
