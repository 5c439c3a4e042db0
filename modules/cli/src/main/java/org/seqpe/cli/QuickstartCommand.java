package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.prepare.PrepareRequest;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.evaluation.report.TrainingCurve;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.spark.prepare.PrepareJob;
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
                "Prepares a text, trains a small SeqPE model on it, measures lengths up to 16 times the training length, and writes a report.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe quickstart",
            "  seqpe quickstart --input my-books/ --run runs/books",
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
                    "Your own text: a file or folder, plain or compressed, or Parquet; may be repeated. Default: speeches of the European Parliament.")
    private List<String> inputs;

    @Option(
            names = "--run",
            defaultValue = "runs/quickstart",
            paramLabel = "FOLDER",
            description = "The run folder. Default: ${DEFAULT-VALUE}.")
    private String folder;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of conf/quickstart.conf; may be repeated.")
    private List<String> overrides = List.of();

    @Override
    public Integer call() {
        List<String> settings = new ArrayList<>(overrides);
        String data = HadoopFiles.resolve(folder, "data");
        settings.add(0, "data.path=" + data);
        RunConfig config = ConfigReader.read(ConfigurationOptions.find("quickstart"), settings);
        RunFolder run = new RunFolder(folder);
        Outputs.requireRun(run);
        PrintWriter out = spec.commandLine().getOut();
        List<LanguageRow> rows;
        TrainSummary summary;
        int status;
        try (SparkSession session = spark.open("seqpe quickstart");
                Progress progress = TerminalProgress.create()) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
            prepare(context, data, progress);
            try (StopSignals signals = StopSignals.listen(spec.commandLine().getErr())) {
                summary = TrainCommand.train(
                        context, config, folder, new TrainOptions(false, false, signals::isReceived), progress);
                status = summary.end() == End.ASKED ? signals.exitStatus() : 0;
            }
            rows = summary.end() == End.LAST_STEP
                    ? new RunSweep(List.of(run), List.of(), null, false).run(progress)
                    : List.of();
        }
        if (summary.end() != End.LAST_STEP) {
            out.println(TrainCommand.remaining(
                    summary, config, spec.commandLine().getParseResult().originalArgs()));
            return status;
        }
        RunReports.writeSweep(run, List.of(run), rows);
        out.println();
        out.print(losses(TrainingCurve.of(config.name(), run.metrics())));
        out.println(TrainCommand.describe(summary));
        out.println();
        out.println(RunReports.tables(rows));
        out.println("Report: " + run.report() + " (open it in a browser)");
        return 0;
    }

    /**
     * Prepares the data, or uses the data of an earlier start again, so that the same command continues the run.
     * Another text needs another run folder.
     */
    private void prepare(JavaSparkContext context, String data, Progress progress) {
        if (!HadoopFiles.exists(HadoopFiles.resolve(data, DatasetManifest.FILE))) {
            make(context, data, progress);
        } else if (inputs == null) {
            requireSame(TokenDataset.open(data).manifest().corpus().name().equals(QuickstartText.FILE), data);
        } else {
            String again = data + "-compared";
            HadoopFiles.delete(again);
            try {
                requireSame(
                        make(context, again, progress)
                                .hash()
                                .equals(TokenDataset.open(data).hash()),
                        data);
            } finally {
                HadoopFiles.delete(again);
            }
        }
    }

    private TokenDataset make(JavaSparkContext context, String data, Progress progress) {
        PrepareCommand.Stages stages = new PrepareCommand.Stages(progress);
        if (inputs != null) {
            return PrepareJob.run(
                    context, PrepareRequest.of(inputs, data).tokenizer("bytes").build(), stages);
        }
        String text = QuickstartText.copyTo(folder);
        try {
            return PrepareJob.run(
                    context,
                    PrepareRequest.of(List.of(text), data)
                            .corpus(QuickstartText.CORPUS)
                            .tokenizer("bytes")
                            .build(),
                    stages);
        } finally {
            HadoopFiles.delete(text);
        }
    }

    private void requireSame(boolean same, String data) {
        if (!same) {
            throw new UserException("Cannot start in " + folder + ": " + data
                    + " was made of another text; choose another folder with --run.");
        }
    }

    /** Training and validation loss over the run, in nats per byte. */
    private static String losses(TrainingCurve curve) {
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, LOSS_ROW, "step", "loss", "validation"));
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
