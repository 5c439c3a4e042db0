package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.SweepRow;
import org.seqpe.evaluation.report.TrainingCurve;
import org.seqpe.spark.train.TrainOptions;
import org.seqpe.spark.train.TrainSummary;
import org.seqpe.spark.train.TrainSummary.End;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe quickstart}: prepares, trains, sweeps and reports in one command, small enough for two cores. */
@Command(
        name = "quickstart",
        description =
                "Prepares a text or pictures, trains a small SeqPE model on them, measures lengths up to 16 times the training length or resolutions up to 2.5 times that of training, and writes a report.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe quickstart",
            "  seqpe quickstart --input my-books/ --run runs/books",
            "  seqpe quickstart --images",
            "  seqpe quickstart --run runs/quickstart-rope --set model.position.encoding=rope"
        })
final class QuickstartCommand implements Callable<Integer> {
    private static final String LOSS_ROW = "%8s %14s %14s%n";
    /** Number of lines in the table of losses. */
    private static final int LOSS_ROWS = 8;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SparkOptions spark;

    @Option(
            names = "--input",
            paramLabel = "FILE_OR_DIR",
            description =
                    "Your own text: a file or folder, plain or compressed, or Parquet; with --images, pictures as 'seqpe prepare' takes them. May be repeated. Default: speeches of the European Parliament, or drawn letters.")
    private List<String> inputs;

    @Option(
            names = "--run",
            paramLabel = "FOLDER",
            description = "The run folder. Default: runs/quickstart, or runs/quickstart-images with --images.")
    private String folder;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of conf/quickstart.conf, or of conf/quickstart-images.conf; may be repeated.")
    private List<String> overrides = List.of();

    @Option(
            names = "--images",
            description = "Train a small Vision Transformer on pictures of letters instead, and measure resolutions.")
    private boolean images;

    @Override
    public Integer call() {
        QuickstartTask task = images ? new PictureQuickstart(folder(), inputs) : new TextQuickstart(folder(), inputs);
        List<String> settings = new ArrayList<>(overrides);
        String data = HadoopFiles.resolve(folder(), "data");
        settings.add(0, "data.path=" + data);
        RunConfig config = ConfigReader.read(ConfigurationOptions.find(task.configuration()), settings);
        RunFolder run = new RunFolder(folder());
        Outputs.requireRun(run);
        PrintWriter out = spec.commandLine().getOut();
        TrainSummary summary;
        int status;
        try (SparkSession session = spark.open("seqpe quickstart");
                Progress progress = TerminalProgress.create()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
            task.prepare(context, data, progress);
            try (StopSignals signals = StopSignals.listen(spec.commandLine().getErr())) {
                summary = TrainCommand.train(
                        context, config, folder(), new TrainOptions(false, false, signals::isReceived), progress);
                status = summary.end() == End.ASKED ? signals.exitStatus() : 0;
            }
            if (summary.end() == End.LAST_STEP) {
                measure(
                        RunSweep.of(List.of(run), List.of(), null, CheckpointChoice.BEST),
                        run,
                        task,
                        config,
                        summary,
                        progress);
            }
        }
        if (summary.end() != End.LAST_STEP) {
            out.println(TrainCommand.remaining(
                    summary, config, spec.commandLine().getParseResult().originalArgs()));
            return status;
        }
        task.show(data, config, out);
        out.println("Report: " + run.report() + " (open it in a browser)");
        return 0;
    }

    private String folder() {
        return folder != null ? folder : images ? "runs/quickstart-images" : "runs/quickstart";
    }

    private <R extends SweepRow> void measure(
            RunSweep<R> sweep,
            RunFolder run,
            QuickstartTask task,
            RunConfig config,
            TrainSummary summary,
            Progress progress) {
        List<R> rows = sweep.run(null, progress);
        progress.close();
        sweep.reports().writeSweep(run, List.of(run), rows, Map.of());
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(losses(TrainingCurve.of(config.name(), run.metrics()), task.lossPer()));
        out.println(TrainCommand.describe(summary));
        out.println();
        out.println(sweep.reports().tables(rows, Map.of()));
    }

    /** Training and validation loss over the run, in nats. */
    private static String losses(TrainingCurve curve, String per) {
        StringBuilder table = new StringBuilder("Nats per " + per + ":" + System.lineSeparator());
        table.append(String.format(Locale.ROOT, LOSS_ROW, "step", "loss", "validation"));
        for (TrainingCurve.Point point : curve.thin(LOSS_ROWS).points()) {
            table.append(String.format(
                    Locale.ROOT, LOSS_ROW, point.step(), number(point.loss()), number(point.validationLoss())));
        }
        return table.toString();
    }

    private static String number(Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
    }
}
