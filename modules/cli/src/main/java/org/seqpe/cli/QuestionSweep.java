package org.seqpe.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.evaluation.qa.AnswerModelScorer;
import org.seqpe.evaluation.qa.AnswerRow;
import org.seqpe.evaluation.qa.AnswerRun;
import org.seqpe.evaluation.qa.AnswerScoring;
import org.seqpe.evaluation.qa.AnswerSweep;
import org.seqpe.evaluation.qa.AnswerView;
import org.seqpe.spark.sweep.AnswerClusterScoring;
import org.seqpe.spark.sweep.ScoredAnswerRun;

/** Asks runs questions of several lengths. */
final class QuestionSweep implements TaskSweep<AnswerRow> {
    @Override
    public AnswerView view() {
        return new AnswerView();
    }

    @Override
    public List<AnswerRow> run(
            List<SweptRun> runs,
            EvaluationConfig evaluation,
            String otherData,
            JavaSparkContext spark,
            Progress progress) {
        Map<String, AnswerSplit> splits = new HashMap<>();
        try {
            List<AnswerRun> sweepRuns = new ArrayList<>();
            Map<String, ScoredAnswerRun> scoredRuns = new HashMap<>();
            for (SweptRun run : runs) {
                AnswerDataset dataset = dataset(run, otherData);
                RunConfig config = run.config()
                        .resolveVocabulary(dataset.manifest().tokenizer().vocabularySize());
                AnswerSplit split = splits.computeIfAbsent(dataset.hash(), hash -> dataset.split(evaluation.split()));
                sweepRuns.add(new AnswerRun(
                        run.label(),
                        split,
                        () -> AnswerModelScorer.open(
                                config, DeviceSpec.ofDriver(config), run.model(), dataset.tokenizer())));
                scoredRuns.put(
                        run.label(),
                        new ScoredAnswerRun(
                                config,
                                HadoopFiles.qualified(run.model()),
                                HadoopFiles.qualified(dataset.folder()),
                                dataset.hash(),
                                evaluation.split()));
            }
            AnswerScoring scoring = spark == null
                    ? AnswerScoring.here(evaluation)
                    : new AnswerClusterScoring(spark, scoredRuns, evaluation);
            return new AnswerSweep(evaluation, scoring, progress, row -> {}).run(sweepRuns);
        } finally {
            splits.values().forEach(AnswerSplit::close);
        }
    }

    /**
     * Opens the dataset to ask from. The run's own data must be the data it was trained on; any other dataset must have
     * the same tokenizer.
     */
    private static AnswerDataset dataset(SweptRun run, String otherData) {
        AnswerDataset own = AnswerDataset.open(run.config().data().path());
        own.requireHash(run.folder().info().dataManifestSha256());
        if (otherData == null) {
            return own;
        }
        AnswerDataset other = AnswerDataset.open(otherData);
        if (!other.manifest().tokenizer().equals(own.manifest().tokenizer())) {
            throw new UserException("Cannot measure " + run.folder().path() + " on " + otherData
                    + ": expected tokenizer "
                    + own.manifest().tokenizer().id() + ", found "
                    + other.manifest().tokenizer().id() + "; prepare those questions with the run's tokenizer.");
        }
        return other;
    }
}
