package org.seqpe.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.evaluation.text.CheckpointScorer;
import org.seqpe.evaluation.text.LanguageRow;
import org.seqpe.evaluation.text.LanguageRun;
import org.seqpe.evaluation.text.LanguageSweep;
import org.seqpe.evaluation.text.LanguageView;
import org.seqpe.evaluation.text.Scoring;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.spark.sweep.ClusterScoring;
import org.seqpe.spark.sweep.ScoredRun;

/** Measures language runs at window lengths. */
final class TextSweep implements TaskSweep<LanguageRow> {
    @Override
    public LanguageView view() {
        return new LanguageView();
    }

    @Override
    public List<LanguageRow> run(
            List<SweptRun> runs,
            EvaluationConfig evaluation,
            String otherData,
            JavaSparkContext spark,
            Progress progress) {
        try (OpenData data = new OpenData(evaluation)) {
            List<LanguageRun> sweepRuns = new ArrayList<>();
            Map<String, ScoredRun> scoredRuns = new HashMap<>();
            for (SweptRun run : runs) {
                TokenDataset dataset = dataset(run, otherData);
                RunConfig config = run.config()
                        .resolveVocabulary(dataset.manifest().tokenizer().vocabularySize());
                sweepRuns.add(new LanguageRun(
                        run.label(), data.tokens(dataset), () -> CheckpointScorer.open(config, run.model())));
                scoredRuns.put(
                        run.label(),
                        new ScoredRun(
                                config,
                                HadoopFiles.qualified(run.model()),
                                HadoopFiles.qualified(dataset.folder()),
                                dataset.hash(),
                                evaluation.split()));
            }
            Scoring scoring = spark == null
                    ? Scoring.here(evaluation.batchTokens())
                    : new ClusterScoring(spark, scoredRuns, evaluation.batchTokens());
            return new LanguageSweep(evaluation, scoring, progress, row -> {}).run(sweepRuns);
        }
    }

    /**
     * Opens the dataset to measure on. The run's own data must be the data it was trained on; any other dataset must
     * have the same tokenizer.
     */
    private static TokenDataset dataset(SweptRun run, String otherData) {
        TokenDataset own = TokenDataset.open(run.config().data().path());
        own.requireHash(run.folder().info().dataManifestSha256());
        if (otherData == null) {
            return own;
        }
        TokenDataset other = TokenDataset.open(otherData);
        if (!other.manifest().tokenizer().equals(own.manifest().tokenizer())) {
            throw new UserException("Cannot measure " + run.folder().path() + " on " + otherData
                    + ": expected tokenizer "
                    + own.manifest().tokenizer().id() + ", found "
                    + other.manifest().tokenizer().id() + "; prepare that text with the run's tokenizer.");
        }
        return other;
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
