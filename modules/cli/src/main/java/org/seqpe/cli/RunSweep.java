package org.seqpe.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.Checkpoints.Checkpoint;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.evaluation.text.CheckpointScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;
import org.seqpe.evaluation.text.Scoring;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.spark.sweep.ClusterScoring;
import org.seqpe.spark.sweep.ScoredRun;

/** Measures run folders: finds each one's data and checkpoint, and hands them to a {@link LanguageSweep}. */
final class RunSweep {
    private final List<RunFolder> runs;
    private final RunLabels labels;
    private final List<String> overrides;
    private final String otherData;
    private final boolean latest;

    /**
     * @param overrides applied to the runs' configurations; the first run's evaluation section defines what is measured
     * @param otherData a dataset to measure on instead of the runs' own, or null
     * @param latest whether to measure the latest checkpoint instead of the best
     * @throws UserException if a folder is not a run, or is named twice
     */
    RunSweep(List<RunFolder> runs, List<String> overrides, String otherData, boolean latest) {
        this.runs = List.copyOf(runs);
        this.labels = new RunLabels(runs);
        this.overrides = List.copyOf(overrides);
        this.otherData = otherData;
        this.latest = latest;
    }

    /**
     * Measures in this process.
     *
     * @throws UserException if a run, its data or its checkpoint cannot be used, before anything is measured
     */
    List<LanguageRow> run(Progress progress) {
        return run((evaluation, scored) -> Scoring.here(evaluation.batchTokens()), progress);
    }

    /** Measures on Spark's executors; otherwise the same as the other {@code run}. */
    List<LanguageRow> run(JavaSparkContext spark, Progress progress) {
        HadoopFiles.use(spark.hadoopConfiguration());
        return run((evaluation, scored) -> new ClusterScoring(spark, scored, evaluation.batchTokens()), progress);
    }

    private List<LanguageRow> run(
            BiFunction<EvaluationConfig, Map<String, ScoredRun>, Scoring> scoring, Progress progress) {
        EvaluationConfig evaluation = runs.get(0).config(overrides).evaluation();
        try (OpenData data = new OpenData(evaluation)) {
            List<LanguageRun> sweepRuns = new ArrayList<>();
            Map<String, ScoredRun> scoredRuns = new HashMap<>();
            for (RunFolder run : runs) {
                RunConfig written = run.config(overrides);
                TokenDataset dataset = dataset(run, written);
                RunConfig config =
                        written.resolveVocabulary(dataset.manifest().tokenizer().vocabularySize());
                String model = checkpoint(run).file(Checkpoints.MODEL);
                sweepRuns.add(new LanguageRun(
                        labels.of(run), data.tokens(dataset), () -> CheckpointScorer.open(config, model)));
                scoredRuns.put(
                        labels.of(run),
                        new ScoredRun(
                                config,
                                HadoopFiles.qualified(model),
                                HadoopFiles.qualified(dataset.folder()),
                                dataset.hash(),
                                evaluation.split()));
            }
            return new LanguageSweep(evaluation, scoring.apply(evaluation, scoredRuns), progress, row -> {})
                    .run(sweepRuns);
        }
    }

    /** The rows that are about one of the runs, under its own name. */
    List<LanguageRow> rowsOf(RunFolder run, List<LanguageRow> rows) {
        String name = run.config().name();
        return rows.stream()
                .filter(row -> row.run().equals(labels.of(run)))
                .map(row -> row.withRun(name))
                .toList();
    }

    /**
     * Opens the dataset to measure on. The run's own data must be the data it was trained on; any other dataset must
     * have the same tokenizer.
     */
    private TokenDataset dataset(RunFolder run, RunConfig config) {
        TokenDataset own = TokenDataset.open(config.data().path());
        own.requireHash(run.info().dataManifestSha256());
        if (otherData == null) {
            return own;
        }
        TokenDataset other = TokenDataset.open(otherData);
        if (!other.manifest().tokenizer().equals(own.manifest().tokenizer())) {
            throw new UserException("Cannot measure " + run.path() + " on " + otherData + ": expected tokenizer "
                    + own.manifest().tokenizer().id() + ", found "
                    + other.manifest().tokenizer().id() + "; prepare that text with the run's tokenizer.");
        }
        return other;
    }

    private Checkpoint checkpoint(RunFolder run) {
        Checkpoints checkpoints = run.checkpoints();
        return (latest ? checkpoints.latest() : checkpoints.best().or(checkpoints::latest))
                .orElseThrow(() -> new UserException(
                        "Cannot measure " + run.path() + ": it has no checkpoint yet; train it first."));
    }

    /** The evaluated split of each dataset, opened once. */
    private static final class OpenData implements AutoCloseable {
        private final EvaluationConfig evaluation;
        private final Map<String, SplitTokens> tokens = new HashMap<>();
        private final List<TokenSplit> splits = new ArrayList<>();

        OpenData(EvaluationConfig evaluation) {
            this.evaluation = evaluation;
        }

        SplitTokens tokens(TokenDataset dataset) {
            return tokens.computeIfAbsent(dataset.hash(), hash -> {
                TokenSplit split = dataset.split(evaluation.split());
                splits.add(split);
                Tokenizer tokenizer = dataset.tokenizer();
                return new SplitTokens(split, tokenizer, evaluation.maxTokens());
            });
        }

        @Override
        public void close() {
            splits.forEach(TokenSplit::close);
        }
    }
}
