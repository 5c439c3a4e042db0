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
import org.seqpe.data.image.batch.EvaluationPictures;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.evaluation.SweepRow.Status;
import org.seqpe.evaluation.image.ImageCheckpointScorer;
import org.seqpe.evaluation.image.ImageRow;
import org.seqpe.evaluation.image.ImageRun;
import org.seqpe.evaluation.image.ImageScoring;
import org.seqpe.evaluation.image.ImageSweep;
import org.seqpe.evaluation.image.SplitPictures;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.sweep.ImageClusterScoring;
import org.seqpe.spark.sweep.ScoredImageRun;

/** Trainings and sweeps of images, here and on executors that are processes of their own. */
class ImageTrainJobTest {
    /** What depends on who computes and how fast. */
    private static final String[] CIRCUMSTANCES = {"imagesPerSecond", "peakMemoryBytes"};

    @TempDir
    private Path folder;

    private String data;
    private Trainings trainings;

    @BeforeEach
    void prepare() throws IOException {
        data = ShapeTraining.prepare(folder);
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
        return ConfigReader.defaults(ShapeTraining.config(data, others));
    }

    /** Pictures of two epochs, cut anew by each run: threads, bounds and a stop in between change nothing. */
    @Test
    void threadsBoundsAndStopsDoNotChangeTheBits() {
        TrainSummary summary = trainings.train(config(), "one", TrainOptions.DEFAULT);
        assertThat(summary.samples()).isEqualTo(3L * 2 * 4 * 8);
        assertThat(summary.unit()).isEqualTo("images");
        assertThat(summary.validationLoss()).isBetween(0.1, 3.0);
        List<JsonNode> lines =
                new RunFolder(folder.resolve("one").toString()).metrics().lines();
        JsonNode line = lines.get(lines.size() - 1);
        assertThat(line.get("images").asLong()).isEqualTo(192);
        assertThat(line.get("validation_top1").asDouble()).isBetween(0.0, 1.0);
        assertThat(line.get("validation_top5").asDouble()).isEqualTo(1.0);
        assertThat(line.get("relative_data_seconds").asDouble()).isBetween(0.0, 1.0);

        trainings.train(
                config("data.loader-threads=3", "data.prefetch-mebibytes=1", "data.path=" + data + "/."),
                "threads",
                TrainOptions.DEFAULT);
        assertThat(trainings.files("threads")).isEqualTo(trainings.files("one"));

        AtomicInteger rounds = new AtomicInteger();
        TrainSummary stopped = trainings.train(
                config(), "stopped", new TrainOptions(false, false, () -> rounds.incrementAndGet() > 3));
        assertThat(stopped.end()).isEqualTo(TrainSummary.End.ASKED);
        assertThat(stopped.steps()).isLessThan(8);
        trainings.train(config(), "stopped", TrainOptions.DEFAULT);
        assertThat(trainings.files("stopped")).isEqualTo(trainings.files("one"));
    }

    /** One executor or three, and the sweep on them, give the bits of this process. */
    @Test
    void executorsGiveTheBitsOfOneProcess() throws Exception {
        trainings.train(config(), "one", TrainOptions.DEFAULT);
        try (StandaloneCluster cluster = new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), 3)) {
            Trainings.with(cluster.master(), new HashMap<>(cluster.settings()), spark -> {
                TrainJob.run(spark, config(), folder.resolve("three").toString(), Progress.none());
                assertThat(trainings.files("three")).isEqualTo(trainings.files("one"));
                sweep(spark, "one");
                return null;
            });
        }
    }

    private void sweep(JavaSparkContext spark, String run) {
        RunConfig config = config(
                        "evaluation.resolutions=[16x24, 32, 40x16, 168, 30]",
                        "evaluation.batch-images=5",
                        "evaluation.max-images=33")
                .resolveClasses(3);
        ImageDataset dataset = ImageDataset.open(data);
        String model = trainings.last(run).file(Checkpoints.MODEL);
        try (ImageSplit split = dataset.split("validation")) {
            SplitPictures pictures = new SplitPictures(new EvaluationPictures(
                    split,
                    config.image(),
                    config.evaluation().cropRatio(),
                    config.evaluation().maxImages()));
            ImageRun measured = new ImageRun(
                    run,
                    pictures,
                    List.of("bar", "disc", "frame"),
                    () -> ImageCheckpointScorer.open(config, DeviceSpec.ofDriver(config), model));
            List<ImageRow> here = new ImageSweep(config.evaluation(), ImageScoring.here(5), Progress.none(), row -> {})
                    .run(List.of(measured));
            ScoredImageRun scored = new ScoredImageRun(config, model, data, dataset.hash(), "validation");
            List<ImageRow> there = new ImageSweep(
                            config.evaluation(),
                            new ImageClusterScoring(spark, Map.of(run, scored), config.evaluation()),
                            Progress.none(),
                            row -> {})
                    .run(List.of(measured));
            assertThat(here)
                    .extracting(ImageRow::status)
                    .containsExactly(Status.OK, Status.OK, Status.OK, Status.REFUSED, Status.REFUSED);
            assertThat(here.get(0).pictures()).isEqualTo(33);
            assertThat(here.get(3).message()).contains("21 x 21").contains("below 20");
            assertThat(here.get(4).message()).contains("8 x 8 pixels do not divide pictures of 30 x 30");
            assertThat(there)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields(CIRCUMSTANCES)
                    .containsExactlyElementsOf(here);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Trainings.with("local[1]", Trainings.LOCAL, spark -> {
            String run = folder.resolve("r").toString();
            assertThatThrownBy(() -> TrainJob.run(spark, config("image.classes=2"), run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("at least the 3 classes of the data, found 2");
            assertThatThrownBy(() -> TrainJob.run(spark, config("train.replicas=1000"), run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("only 120 pictures");
            RunConfig text = ConfigReader.defaults(BirdTraining.config(data, List.of()));
            assertThatThrownBy(() -> TrainJob.run(spark, text, run, Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("it holds images");
            assertThat(folder.resolve("r")).doesNotExist();
            return null;
        });
    }
}
