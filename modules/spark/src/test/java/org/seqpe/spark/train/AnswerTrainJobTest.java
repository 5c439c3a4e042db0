package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.qa.AnswerModelScorer;
import org.seqpe.evaluation.qa.AnswerRow;
import org.seqpe.evaluation.qa.AnswerRun;
import org.seqpe.evaluation.qa.AnswerScoring;
import org.seqpe.evaluation.qa.AnswerSweep;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.sweep.AnswerClusterScoring;
import org.seqpe.spark.sweep.ScoredAnswerRun;

/** Trainings and sweeps of questions, here and on executors that are processes of their own. */
class AnswerTrainJobTest {
    /** What depends on who computes and how fast. */
    private static final String[] CIRCUMSTANCES = {"questionsPerSecond", "peakMemoryBytes"};

    @TempDir
    private Path folder;

    private String data;
    private Trainings trainings;

    @BeforeEach
    void prepare() throws IOException {
        data = QuestionTraining.prepare(folder);
        trainings = new Trainings(folder);
    }

    private RunConfig config(String... overrides) {
        List<String> others = new ArrayList<>(List.of(
                "train.accumulation=2",
                "train.steps=8",
                "train.steps-per-round=2",
                "train.replicas=3",
                "train.validate-every=2",
                "train.checkpoint-every=2"));
        others.addAll(List.of(overrides));
        return ConfigReader.defaults(QuestionTraining.config(data, others));
    }

    /** More than one epoch of questions of different lengths: a stop in between changes nothing. */
    @Test
    void aStopDoesNotChangeTheBits() {
        TrainSummary summary = trainings.train(config(), "one", TrainOptions.DEFAULT);
        assertThat(summary.unit()).isEqualTo("tokens");
        // Every answer has a space, three letters and the end token.
        assertThat(summary.samples()).isEqualTo(5L * 3 * 2 * 4 * 8);
        assertThat(summary.validationLoss()).isBetween(0.5, 6.0);
        List<JsonNode> lines =
                new RunFolder(folder.resolve("one").toString()).metrics().lines();
        assertThat(lines.get(lines.size() - 1).get("tokens").asLong()).isEqualTo(960);

        AtomicInteger rounds = new AtomicInteger();
        TrainSummary stopped = trainings.train(
                config(), "stopped", new TrainOptions(false, false, () -> rounds.incrementAndGet() > 3));
        assertThat(stopped.end()).isEqualTo(TrainSummary.End.ASKED);
        assertThat(stopped.steps()).isLessThan(8);
        trainings.train(config(), "stopped", TrainOptions.DEFAULT);
        assertThat(trainings.files("stopped")).isEqualTo(trainings.files("one"));
    }

    /** An executor on which replicas take turns, and the sweep on it, give the bits of this process. */
    @Test
    void anExecutorGivesTheBitsOfOneProcess() throws Exception {
        trainings.train(config(), "one", TrainOptions.DEFAULT);
        try (StandaloneCluster cluster = new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), 1)) {
            Trainings.with(cluster.master(), new HashMap<>(cluster.settings()), spark -> {
                TrainJob.run(
                        spark,
                        config("train.allow-waves=true"),
                        folder.resolve("there").toString(),
                        Progress.none());
                assertThat(trainings.files("there")).isEqualTo(trainings.files("one"));
                sweep(spark, "one");
                return null;
            });
        }
    }

    private void sweep(JavaSparkContext spark, String run) {
        // No question belongs to 100; 256 and its new tokens are beyond the positions of the model.
        RunConfig config = config(
                "evaluation.lengths=[64, 100, 128]", "evaluation.batch-tokens=400", "evaluation.max-examples=16");
        AnswerDataset dataset = AnswerDataset.open(data);
        RunConfig resolved = config.resolveVocabulary(dataset.tokenizer().vocabularySize());
        String model = trainings.last(run).file(Checkpoints.MODEL);
        try (AnswerSplit split = dataset.split("validation")) {
            AnswerRun measured = new AnswerRun(
                    run,
                    split,
                    () -> AnswerModelScorer.open(resolved, DeviceSpec.ofDriver(resolved), model, dataset.tokenizer()));
            List<AnswerRow> here = new AnswerSweep(
                            config.evaluation(), AnswerScoring.here(config.evaluation()), Progress.none(), row -> {})
                    .run(List.of(measured));
            ScoredAnswerRun scored = new ScoredAnswerRun(resolved, model, data, dataset.hash(), "validation");
            List<AnswerRow> there = new AnswerSweep(
                            config.evaluation(),
                            new AnswerClusterScoring(spark, Map.of(run, scored), config.evaluation()),
                            Progress.none(),
                            row -> {})
                    .run(List.of(measured));
            assertThat(here).extracting(AnswerRow::status).containsExactly(Status.OK, Status.REFUSED, Status.OK);
            assertThat(here.get(0).questions()).isEqualTo(16);
            assertThat(here.get(0).tokens()).isEqualTo(80);
            assertThat(here.get(1).message()).contains("no question of this length");
            assertThat(here.get(2).texts().answers()).hasSize(16);
            assertThat(there)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields(CIRCUMSTANCES)
                    .containsExactlyElementsOf(here);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Trainings.with("local[1]", Trainings.LOCAL, spark -> {
            String run = folder.resolve("r").toString();
            assertThatThrownBy(() -> TrainJob.run(spark, config("model.vocabulary=100"), run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("model.vocabulary of at least the tokenizer's");
            assertThatThrownBy(() -> TrainJob.run(spark, config("train.replicas=1000"), run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("found 125; 25 are longer");
            RunConfig text = ConfigReader.defaults(BirdTraining.config(data, List.of()));
            assertThatThrownBy(() -> TrainJob.run(spark, text, run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("it holds answers");
            assertThat(folder.resolve("r")).doesNotExist();
            return null;
        });
    }
}
