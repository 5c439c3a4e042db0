package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.Redaction;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.spark.train.TrainJob;
import org.seqpe.spark.train.TrainOptions;
import org.seqpe.spark.train.TrainPlan;
import org.seqpe.spark.train.TrainSummary;
import org.seqpe.spark.train.TrainSummary.End;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe train}: begins a run, or continues it from where it stopped. */
@Command(
        name = "train",
        description = "Trains a model. The same command on the same run folder continues from the last checkpoint.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  seqpe train --conf wikitext103 --dry-run",
            "  seqpe train --conf wikitext103-rope --run runs/rope --master spark://host:7077",
            "  seqpe train --conf my.conf --set train.steps=2000 --set seed=2",
            "  spark-submit --class org.seqpe.cli.Seqpe ... train \\",
            "    --conf hdfs:///conf/pg19.conf --run hdfs:///runs/pg19"
        })
final class TrainCommand implements Callable<Integer> {
    private static final String FORCE = "--force-unlock";
    /** Text that needs no quoting in a shell. */
    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private SparkOptions spark;

    @Option(
            names = "--run",
            paramLabel = "FOLDER",
            description = "The run folder. Default: runs/ and the name in the configuration.")
    private String folder;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "Model copies: as train.replicas, but a run that had another number goes on with this one.")
    private Integer replicas;

    @Option(
            names = "--max-runtime",
            paramLabel = "TIME",
            description =
                    "Stop at the end of a round before this time is over, such as 90m or 2h, with exit status 0; the same command goes on.")
    private String maxRuntime;

    @Option(
            names = "--dry-run",
            description = "Print the plan (parameters, tokens or images, rounds, bytes, memory) and do nothing.")
    private boolean dryRun;

    @Option(
            names = FORCE,
            description =
                    "Take the run folder from a job that holds its lock. Only if that job is gone: two would spoil the run.")
    private boolean forceUnlock;

    @Override
    public Integer call() {
        RunConfig config = configuration.read(overrides());
        PrintWriter out = spec.commandLine().getOut();
        if (dryRun) {
            out.print(plan(config));
            return 0;
        }
        String run = folder == null ? HadoopFiles.resolve("runs", config.name()) : folder;
        Outputs.requireRun(new RunFolder(run));
        try (SparkSession session = spark.open("seqpe train " + config.name());
                Progress progress = TerminalProgress.create();
                StopSignals signals = StopSignals.listen(spec.commandLine().getErr())) {
            TrainOptions options = new TrainOptions(forceUnlock, replicas != null, signals::isReceived);
            TrainSummary summary =
                    train(JavaSparkContext.fromSparkContext(session.sparkContext()), config, run, options, progress);
            progress.close();
            out.println(describe(summary));
            out.println("Run: " + new RunFolder(run).path());
            if (summary.end() != End.LAST_STEP) {
                out.println(remaining(
                        summary, config, spec.commandLine().getParseResult().originalArgs()));
            }
            return summary.end() == End.ASKED ? signals.exitStatus() : 0;
        }
    }

    private List<String> overrides() {
        List<String> overrides = new ArrayList<>();
        if (replicas != null) {
            overrides.add("train.replicas=" + replicas);
        }
        if (maxRuntime != null) {
            overrides.add("train.max-runtime=" + maxRuntime);
        }
        return overrides;
    }

    /** Trains. If that fails, the message gives the reason and the checkpoint from which to continue. */
    static TrainSummary train(
            JavaSparkContext spark, RunConfig config, String run, TrainOptions options, Progress progress) {
        try {
            return TrainJob.run(spark, config, run, options, progress);
        } catch (UserException e) {
            throw e;
        } catch (Exception | Error e) {
            // Spark throws checked exceptions that no signature declares, and a task may throw an error.
            String reason = Failures.reason(e);
            throw new IllegalStateException(
                    "Training stopped. " + reason + (reason.endsWith(".") ? " " : ". ") + kept(new RunFolder(run)), e);
        }
    }

    private static String kept(RunFolder run) {
        List<Long> steps;
        try {
            steps = run.checkpoints().steps();
        } catch (RuntimeException unreachable) {
            return "The last checkpoint in " + run.path()
                    + " is kept; the same command continues from it once the cause is gone.";
        }
        return steps.isEmpty()
                ? "No checkpoint was written yet; the same command begins anew once the cause is gone."
                : "The checkpoint of step " + steps.get(steps.size() - 1) + " in " + run.path()
                        + " is kept; the same command continues from it once the cause is gone.";
    }

    /**
     * Plans the training. The vocabulary, or the classes, are those of the prepared data, unless the configuration sets
     * them.
     */
    private static TrainPlan plan(RunConfig config) {
        // A configuration that sets its vocabulary or classes can be planned before its data is prepared.
        String data = config.data().path();
        return TrainPlan.of(
                switch (config.task()) {
                    case IMAGES -> config.image().classes() != 0
                            ? config
                            : config.resolveClasses(
                                    ImageDataset.open(data).classes().size());
                    case LANGUAGE -> config.model().vocabulary() != 0
                            ? config
                            : vocabulary(
                                    config, TokenDataset.open(data).manifest().tokenizer());
                    case ANSWERS -> config.model().vocabulary() != 0
                            ? config
                            : vocabulary(
                                    config, AnswerDataset.open(data).manifest().tokenizer());
                });
    }

    private static RunConfig vocabulary(RunConfig config, DatasetManifest.TokenizerInfo tokenizer) {
        return config.resolveVocabulary(tokenizer.vocabularySize());
    }

    /** What remains to be done after a training stopped early, and the command for it. */
    static String remaining(TrainSummary summary, RunConfig config, List<String> arguments) {
        String why = summary.end() == End.MAX_RUNTIME ? "its time (train.max-runtime) is up" : "a signal asked for it";
        return String.format(
                Locale.ROOT,
                "Stopped after step %,d of %,d, because %s. To do: %,d steps in %,d rounds. The same command goes on:%n  seqpe %s",
                summary.steps(),
                config.train().steps(),
                why,
                config.train().steps() - summary.steps(),
                summary.roundsLeft(),
                arguments.stream()
                        .filter(argument -> !argument.equals(FORCE))
                        .map(Redaction::text)
                        .map(TrainCommand::quoted)
                        .collect(Collectors.joining(" ")));
    }

    private static String quoted(String argument) {
        return PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }

    /** A one-line summary of a training. */
    static String describe(TrainSummary summary) {
        String loss = summary.loss() == null
                ? "nothing was left to do"
                : String.format(Locale.ROOT, "loss %.4f", summary.loss());
        String validation = summary.validationLoss() == null
                ? ""
                : String.format(Locale.ROOT, ", best validation loss %.4f", summary.validationLoss());
        return String.format(
                Locale.ROOT,
                "Trained %,d steps, %,d %s in all: %s%s (%.0f s).",
                summary.steps(),
                summary.samples(),
                summary.unit(),
                loss,
                validation,
                summary.seconds());
    }
}
