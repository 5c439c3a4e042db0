package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.seqpe.core.Progress;
import org.seqpe.core.RunFolder;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.TokenDataset;
import org.seqpe.spark.train.TrainJob;
import org.seqpe.spark.train.TrainPlan;
import org.seqpe.spark.train.TrainSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seqpe train}: begins a run, or continues it where it stopped. */
@Command(name = "train", description = "Trains a model. The same command on the same run folder continues from the last checkpoint.",
        footerHeading = "%nExamples:%n", footer = {
            "  seqpe train --conf wikitext103 --dry-run",
            "  seqpe train --conf wikitext103-rope --run runs/rope --master spark://host:7077",
            "  seqpe train --conf my.conf --set train.steps=2000 --set seed=2",
            "  spark-submit --class org.seqpe.cli.Seqpe ... train \\",
            "    --conf hdfs:///conf/pg19.conf --run hdfs:///runs/pg19"})
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private SparkOptions spark;

    @Option(names = "--run", paramLabel = "FOLDER", description = "The run folder. Default: runs/ and the name in the configuration.")
    private String folder;

    @Option(names = "--dry-run", description = "Print the plan (parameters, tokens, rounds, bytes, memory) and do nothing.")
    private boolean dryRun;

    @Option(names = "--force-unlock", description = "Take the run folder from a job that holds its lock. Only if that job is gone: two would spoil the run.")
    private boolean forceUnlock;

    @Override
    public Integer call() {
        RunConfig config = configuration.read();
        PrintWriter out = spec.commandLine().getOut();
        if (dryRun) {
            out.print(plan(config));
            out.flush();
            return 0;
        }
        String run = folder == null ? HadoopFiles.resolve("runs", config.name()) : folder;
        try (SparkSession session = spark.open("seqpe train " + config.name()); Progress progress = TerminalProgress.create()) {
            TrainSummary summary = train(JavaSparkContext.fromSparkContext(session.sparkContext()), config, run, forceUnlock, progress);
            progress.close();
            out.println(describe(summary));
            out.println("Run: " + new RunFolder(run).path());
        }
        return 0;
    }

    /** Trains, and says of a failure why, and what there is to go on from. */
    static TrainSummary train(JavaSparkContext spark, RunConfig config, String run, boolean forceUnlock, Progress progress) {
        try {
            return TrainJob.run(spark, config, run, forceUnlock, progress);
        } catch (UserException e) {
            throw e;
        } catch (Exception e) {
            // Spark throws checked exceptions that no signature names.
            String reason = Failures.reason(e);
            throw new IllegalStateException("Training stopped. " + reason + (reason.endsWith(".") ? " " : ". ") + kept(new RunFolder(run)), e);
        }
    }

    private static String kept(RunFolder run) {
        List<Long> steps;
        try {
            steps = run.checkpoints().steps();
        } catch (RuntimeException unreachable) {
            return "The last checkpoint in " + run.path() + " is kept; the same command continues from it once the cause is gone.";
        }
        return steps.isEmpty() ? "No checkpoint was written yet; the same command begins anew once the cause is gone."
                : "The checkpoint of step " + steps.get(steps.size() - 1) + " in " + run.path() + " is kept; the same command continues from it once the cause is gone.";
    }

    /** The vocabulary is the prepared data's, unless the configuration sets it. */
    private static TrainPlan plan(RunConfig config) {
        int vocabulary = config.model().vocabulary();
        return TrainPlan.of(config, vocabulary != 0 ? vocabulary : TokenDataset.open(config.data().path()).manifest().tokenizer().vocabularySize());
    }

    /** One line about a finished training. */
    static String describe(TrainSummary summary) {
        String loss = summary.loss() == null ? "nothing was left to do" : String.format(Locale.ROOT, "loss %.4f", summary.loss());
        String validation = summary.validationLoss() == null ? "" : String.format(Locale.ROOT, ", best validation loss %.4f", summary.validationLoss());
        return String.format(Locale.ROOT, "Trained %,d steps, %,d tokens in all: %s%s (%.0f s).", summary.steps(), summary.tokens(), loss, validation, summary.seconds());
    }
}
