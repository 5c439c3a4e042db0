package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.UserException;
import org.seqpe.core.config.TaskKind;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.SweepRow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seqpe sweep}: measures language runs at many lengths, and image runs at many resolutions. */
@Command(
        name = "sweep",
        description =
                "Measures runs at many lengths or resolutions, or asks them questions of many lengths. Each run folder gets sweep.csv, sweep.json and report.html.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe sweep runs/quickstart",
            "  seqpe sweep runs/wikitext103 runs/wikitext103-rope --output runs/comparison",
            "  seqpe sweep runs/wikitext103 --lengths 512,1024,2048 \\",
            "    --set evaluation.protocols=[sliding] --set evaluation.stride=256",
            "  seqpe sweep runs/rope-1 runs/rope-2 runs/seqpe-1 runs/seqpe-2 --group --output runs/comparison",
            "  seqpe sweep runs/imagenet-vit-s --resolutions 224,320,224x448",
            "  seqpe sweep runs/wikitext103 --cluster --master spark://host:7077",
            "  seqpe sweep runs/wikitext103 --data data/pg19 --output runs/on-pg19 \\",
            "    --set evaluation.max-tokens=1000000"
        })
final class SweepCommand implements Callable<Integer> {
    private static final String CLUSTER = "--cluster";
    private static final String GROUP = "--group";

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run folders that 'seqpe train' made.")
    private List<String> folders;

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "TOKENS",
            description = "Lengths of windows, or of questions with their contexts, in place of evaluation.lengths.")
    private List<Integer> lengths;

    @Option(
            names = "--resolutions",
            split = ",",
            paramLabel = "PIXELS",
            description =
                    "Sizes of pictures, such as 224 or 224x320, in place of evaluation.resolutions; for image runs.")
    private List<String> resolutions;

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
            description =
                    "Another dataset, of the same tokenizer or classes, than the one that the runs were trained on.")
    private String data;

    @Option(
            names = "--checkpoint",
            defaultValue = "BEST",
            paramLabel = "WHICH",
            description = "best (lowest validation loss; the latest where none was measured) or latest. Default: best.")
    private CheckpointChoice which;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description =
                    "Where sweep.csv, sweep.json and report.html about all of the runs go, instead of into the run folders.")
    private String output;

    @Option(
            names = GROUP,
            description =
                    "Show runs that differ in name and seed alone as one line: their mean, and its interval. Needs --output.")
    private boolean group;

    @Option(
            names = CLUSTER,
            description = "Measure on the executors of the Spark that --master names. The numbers are the same.")
    private boolean cluster;

    @Mixin
    private SparkOptions spark;

    @Override
    public Integer call() {
        if (spark.isGiven() && !cluster) {
            throw new UserException("Cannot use Spark for this sweep: expected " + CLUSTER
                    + " with --master and --spark, found none; add it, or leave them out.");
        }
        if (group && output == null) {
            throw new UserException("Cannot group the runs: expected " + GROUP
                    + " with --output, the folder of one report about all of them, found no --output; add it.");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<String> settings = new ArrayList<>(overrides);
        if (lengths != null) {
            settings.add("evaluation.lengths=" + lengths);
        }
        List<RunFolder> runs = folders.stream().map(RunFolder::new).toList();
        if (resolutions != null) {
            settings.add("evaluation.resolutions=" + resolutions);
        }
        RunSweep<?> sweep = RunSweep.of(runs, settings, data, which);
        requireOptionsOf(runs.get(0).config().task());
        measure(sweep, runs, out);
        return 0;
    }

    private void requireOptionsOf(TaskKind task) {
        if (task == TaskKind.IMAGES ? lengths != null : resolutions != null) {
            throw new UserException(
                    task == TaskKind.IMAGES
                            ? "Cannot use --lengths: image runs are measured at resolutions; use --resolutions."
                            : "Cannot use --resolutions: runs of texts are measured at lengths; use --lengths.");
        }
    }

    private <R extends SweepRow> void measure(RunSweep<R> sweep, List<RunFolder> runs, PrintWriter out) {
        (output == null ? runs : List.of(new RunFolder(output))).forEach(Outputs::requireSweep);
        List<R> rows;
        try (SparkSession session = cluster ? spark.open("seqpe sweep " + String.join(" ", folders)) : null;
                Progress progress = TerminalProgress.create()) {
            rows = sweep.run(
                    session == null ? null : JavaSparkContext.fromSparkContext(session.sparkContext()), progress);
        }
        RunReports<R> reports = sweep.reports();
        Map<String, String> groups = group ? RunGroups.of(runs, new RunLabels(runs)) : Map.of();
        out.println(reports.tables(rows, groups));
        if (output != null) {
            reports.writeSweep(new RunFolder(output), runs, rows, groups);
            out.println("Report: " + new RunFolder(output).report());
        } else {
            for (RunFolder run : runs) {
                reports.writeSweep(run, List.of(run), sweep.rowsOf(run, rows), groups);
                out.println("Report: " + run.report());
            }
        }
    }
}
