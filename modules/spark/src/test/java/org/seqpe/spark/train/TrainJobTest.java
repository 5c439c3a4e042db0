package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.compute.Device;
import org.seqpe.compute.Devices;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.DeviceConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.text.TextData;
import org.seqpe.spark.text.TokenBatches;

/** The language model on Spark, small. */
class TrainJobTest {

    @TempDir
    private Path folder;

    private String data;
    private Trainings trainings;

    @BeforeEach
    void prepare() throws IOException {
        data = BirdTraining.prepare(folder);
        trainings = new Trainings(folder);
    }

    private RunConfig config(String... overrides) {
        List<String> others = new ArrayList<>(List.of(
                "train.accumulation=2",
                "train.steps=8",
                "train.steps-per-round=2",
                "train.replicas=2",
                "train.validate-every=2",
                "train.checkpoint-every=2"));
        others.addAll(List.of(overrides));
        return ConfigReader.defaults(BirdTraining.config(data, others));
    }

    @Test
    void localAndStandaloneGiveTheSameBitsAndTheLossFalls() throws Exception {
        TrainSummary summary = trainings.train("local[1]", Trainings.LOCAL, config(), "one");
        assertThat(summary.loss())
                .isLessThan(new RunFolder(folder.resolve("one").toString())
                        .metrics()
                        .lines()
                        .get(0)
                        .get("loss")
                        .asDouble());
        assertThat(summary.samples()).isEqualTo(config().train().tokensPerStep() * 8);
        assertThat(summary.validationLoss()).isBetween(1.0, 6.0);
        trainings.train("local[2]", Trainings.LOCAL, config(), "two");
        assertThat(trainings.files("two")).isEqualTo(trainings.files("one"));
        try (StandaloneCluster cluster = new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), 2)) {
            Map<String, String> settings = new HashMap<>(cluster.settings());
            String resource = StandaloneCluster.RESOURCE;
            settings.putAll(Map.of(
                    "spark.executor.resource." + resource + ".amount",
                    "1",
                    "spark.task.resource." + resource + ".amount",
                    "1"));
            Trainings.with(cluster.master(), settings, spark -> {
                TrainJob.run(
                        spark,
                        config("device.resource=" + resource),
                        folder.resolve("standalone").toString(),
                        Progress.none());
                assertThatThrownBy(() -> TrainJob.run(
                                spark,
                                config("device.resource=" + resource, "device.address=7"),
                                folder.resolve("contradiction").toString(),
                                Progress.none()))
                        .hasStackTraceContaining("Cannot use device.address = 7: Spark assigned " + resource);
                return null;
            });
        }
        assertThat(trainings.files("standalone")).isEqualTo(trainings.files("one"));
        new RunFolder(folder.resolve("standalone").toString()).metrics().lines().forEach(line -> assertThat(List.of(
                        line.get("devices").get(0).asText(),
                        line.get("devices").get(1).asText()))
                .containsExactlyInAnyOrder("0", "1"));
    }

    /** On whatever this machine has for it: a matrix unit or its emulation. */
    @Test
    void bfloat16GivesTheSameBitsOnAnyNumberOfThreadsAndAfterAStop() {
        String[] one = {"device.precision=bf16", "device.precision-fallback=emulate", "device.threads=1"};
        String[] two = {"device.precision=bf16", "device.precision-fallback=emulate", "device.threads=2"};
        trainings.train("local[1]", Trainings.LOCAL, config(), "exact");
        trainings.train("local[1]", Trainings.LOCAL, config(one), "rounded");
        assertThat(trainings.files("rounded")).isNotEqualTo(trainings.files("exact"));
        trainings.train("local[2]", Trainings.LOCAL, config(two), "threads");
        assertThat(trainings.files("threads")).isEqualTo(trainings.files("rounded"));
        AtomicInteger rounds = new AtomicInteger();
        TrainOptions stop = new TrainOptions(false, false, () -> rounds.incrementAndGet() >= 2);
        Trainings.with(
                "local[2]",
                Trainings.LOCAL,
                spark -> TrainJob.run(
                        spark, config(one), folder.resolve("stopped").toString(), stop, Progress.none()));
        assertThat(trainings.last("stopped").step()).isLessThan(8);
        trainings.train("local[2]", Trainings.LOCAL, config(two), "stopped");
        assertThat(trainings.files("stopped")).isEqualTo(trainings.files("rounded"));
        new RunFolder(folder.resolve("stopped").toString()).metrics().lines().forEach(line -> assertThat(
                        line.get("matrix_units").get(0).asText())
                .isNotEmpty());
    }

    @Test
    void aRunBeginsWithTheParametersOfAnotherOne() {
        trainings.train("local[1]", Trainings.LOCAL, config("train.steps=4"), "first");
        String first = folder.resolve("first").toString();
        Map<String, float[]> given = parameters(
                new RunFolder(first).checkpoints().best().orElseThrow().file(Checkpoints.MODEL));
        String[] shorter = {"train.steps=2", "seed=5"};
        trainings.train(
                "local[1]", Trainings.LOCAL, config("train.initial=" + first, shorter[0], shorter[1]), "second");
        assertThat(parameters(firstModel("second"))).usingRecursiveComparison().isEqualTo(given);
        assertThat(parameters(trainings.last("second").file(Checkpoints.MODEL)))
                .usingRecursiveComparison()
                .isNotEqualTo(given);

        // Without a position encoder, from a file: the arrays of the main model alone.
        trainings.train(
                "local[1]",
                Trainings.LOCAL,
                config("model.position.encoding=rope", shorter[0], shorter[1]),
                "unrelated");
        trainings.train(
                "local[1]",
                Trainings.LOCAL,
                config(
                        "model.position.encoding=rope",
                        "train.initial=\"" + trainings.last("first").file(Checkpoints.MODEL) + "\"",
                        shorter[0],
                        shorter[1]),
                "third");
        Map<String, float[]> rope = parameters(firstModel("third"));
        Map<String, float[]> last = parameters(trainings.last("first").file(Checkpoints.MODEL));
        assertThat(rope).isNotEmpty().allSatisfy((name, values) -> assertThat(values)
                .isEqualTo(last.get(name)));
        assertThat(last.keySet()).hasSizeGreaterThan(rope.size());

        assertThatThrownBy(() -> trainings.train(
                        "local[1]",
                        Trainings.LOCAL,
                        config("train.initial=" + first, "model.width=48", shorter[0]),
                        "wider"))
                .hasStackTraceContaining("Cannot begin with")
                .hasStackTraceContaining("of shape");
        assertThatThrownBy(() -> trainings.train(
                        "local[1]",
                        Trainings.LOCAL,
                        config("train.initial=" + folder.resolve("nothing"), shorter[0]),
                        "none"))
                .hasStackTraceContaining("expected a run folder with a checkpoint");
    }

    /** The model of a run's checkpoint of step 0. */
    private String firstModel(String run) {
        return folder.resolve(run)
                .resolve("checkpoints/step-00000000/model.safetensors")
                .toString();
    }

    private static Map<String, float[]> parameters(String file) {
        Map<String, float[]> parameters = new HashMap<>();
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            reader.names().forEach(name -> parameters.put(name, reader.read(name)));
        }
        return parameters;
    }

    /** One replica is DL4J's own fit, step after step, in one process. */
    @Test
    void oneReplicaIsBitwiseSingleProcessTraining() throws Exception {
        RunConfig config = config("train.replicas=1", "train.steps=6");
        trainings.train("local[1]", Trainings.LOCAL, config, "spark");
        TokenDataset dataset = TokenDataset.open(data);
        TokenBatches batches = new TokenBatches(data, dataset.hash(), "train", config.train(), config.seed());
        MultiLayerNetwork network = SeqPeNetworks.create(TextData.resolve(config, dataset));
        try (Device device = Devices.create(DeviceConfig.Kind.AUTO, 1)) {
            TrainingDevice.use(device);
            batches.batches(0, 0, 0, 6).forEachRemaining(network::fit);
            TrainingDevice.use(null);
            float[] plain = network.params().toFloatVector();
            int at = 0;
            try (Safetensors.Reader reader =
                    Safetensors.open(trainings.last("spark").file(Checkpoints.MODEL))) {
                for (String name : reader.names()) {
                    float[] array = reader.read(name);
                    assertThat(array).as(name).isEqualTo(java.util.Arrays.copyOfRange(plain, at, at + array.length));
                    at += array.length;
                }
            }
            assertThat(at).isEqualTo(plain.length);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Trainings.with("local[1]", Trainings.LOCAL, spark -> {
            assertThatThrownBy(() -> TrainJob.run(
                            spark,
                            config("data.path=" + folder.resolve("nowhere")),
                            folder.resolve("r").toString(),
                            Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("nowhere");
            assertThatThrownBy(() -> TrainJob.run(
                            spark,
                            config("model.vocabulary=50"),
                            folder.resolve("r").toString(),
                            Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("found 50");
            assertThatThrownBy(() -> TrainJob.run(
                            spark,
                            config("train.replicas=100000"),
                            folder.resolve("r").toString(),
                            Progress.none()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("replicas");
            assertThat(folder.resolve("r")).doesNotExist();
            return null;
        });
    }
}
