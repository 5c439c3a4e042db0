package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.core.Checkpoints;
import org.seqpe.core.Progress;
import org.seqpe.core.RunFolder;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.spark.SparkSessions;

class TrainLoopTest {
    private static SparkSession session;
    private static JavaSparkContext spark;
    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        session = SparkSessions.create("local[2]", "loop", Map.of("spark.ui.enabled", "false"));
        spark = new JavaSparkContext(session.sparkContext());
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    /** 7 rounds: 6 of 3 steps and one of 2. */
    private static RunConfig config(String... overrides) {
        List<String> all = new ArrayList<>(List.of("data.path=/data", "train.steps=20", "train.steps-per-round=3", "train.replicas=2",
                "train.validate-every=2", "train.checkpoint-every=3", "optimizer.schedule.warmup-steps=0"));
        all.addAll(List.of(overrides));
        return ConfigReader.defaults(all);
    }

    /** Does something at the end of a measurement. */
    private interface AtValidation {
        void run(int count);
    }

    private TrainSummary train(String run, RunConfig config, AtValidation event) {
        MultiLayerNetwork network = ToyTraining.network(0);
        int[] count = {0};
        // Falls, then rises: the best is in the middle.
        Validator validator = () -> {
            event.run(++count[0]);
            return Math.abs(network.getIterationCount() - 12) + 1;
        };
        TrainSetup setup = new TrainSetup(network, List.of(new NamedArray("parameters", 0, List.of(network.numParams()))), ToyTraining::replica,
                new ToyTraining.Points(), step -> 0.5 / (step + 1), validator, "ab12");
        return new TrainLoop(config, folder(run), setup, OuterOptimizer.of(config.train().resolvedOuter(), network.numParams()), Progress.none()).run(spark, false);
    }

    private RunFolder folder(String run) {
        return new RunFolder("file:" + folder.resolve(run));
    }

    private List<String> files(String run) {
        Checkpoints.Checkpoint last = folder(run).checkpoints().latest().orElseThrow();
        return last.manifest().files().stream().map(file -> last.step() + " " + file.name() + " " + file.sha256()).toList();
    }

    @Test
    void leavesCheckpointsAndMetrics() {
        TrainSummary summary = train("run", config(), count -> { });
        assertThat(summary.steps()).isEqualTo(20);
        assertThat(summary.tokens()).isEqualTo(20L * 2 * ToyTraining.ROWS);
        assertThat(summary.validationLoss()).isEqualTo(1);
        assertThat(files("run")).hasSize(4).allMatch(file -> file.startsWith("20 ")).anyMatch(file -> file.contains("outer.safetensors"));
        assertThat(folder("run").checkpoints().best().orElseThrow().step()).isEqualTo(12);
        List<JsonNode> metrics = folder("run").metrics().lines();
        assertThat(metrics).extracting(line -> line.get("step").asInt()).containsExactly(3, 6, 9, 12, 15, 18, 20);
        assertThat(metrics).extracting(line -> line.has("validation_loss")).containsExactly(false, true, false, true, false, true, true);
        assertThat(metrics.get(6).get("loss").asDouble()).isLessThan(metrics.get(0).get("loss").asDouble());
        assertThat(metrics.get(2).get("learning_rate").asDouble()).isEqualTo(0.5 / 9);
        assertThat(metrics.get(0).get("replica_losses")).hasSize(2);
    }

    /** Rounds, momentum and inner learning rate depend on the step, in whatever start it is reached. */
    @ParameterizedTest
    @CsvSource({"average, 1", "nesterov, 2", "slowmo, 3"})
    void aRunThatWasStoppedGoesOnBitwise(String optimizer, int stop) {
        RunConfig config = config("train.outer.optimizer=" + optimizer, "train.round-schedule=[{from-step=10, steps=2}]", "train.outer.schedule=[{from-step=8, learning-rate=0.5}]");
        train("whole", config, count -> { });
        assertThatThrownBy(() -> train("stopped", config, count -> {
            if (count == stop) {
                throw new IllegalStateException("stopped here");
            }
        })).hasMessage("stopped here");
        train("stopped", config, count -> { });
        assertThat(files("stopped")).isEqualTo(files("whole"));
        assertThat(folder("stopped").metrics().lines()).extracting(line -> line.get("loss"))
                .isEqualTo(folder("whole").metrics().lines().stream().map(line -> line.get("loss")).toList());
        assertThat(train("whole", config, count -> { }).loss()).as("nothing is left to do").isNull();
    }

    @Test
    void lostMomentsAreComputedAgainFromTheLastCheckpoint() {
        train("whole", config(), count -> { });
        train("lossy", config(), count -> {
            if (count == 1) {
                ReplicaPool.dropAll();
                for (long broadcast = 0; broadcast < 1000; broadcast++) {
                    SparkEnv.get().blockManager().master().removeBroadcast(broadcast, true, true);
                }
            }
        });
        assertThat(files("lossy")).isEqualTo(files("whole"));
    }

    @Test
    void aRunThatBeganDifferentlyIsRefusedAndStepsMayBeRaised() {
        train("run", config(), count -> { });
        assertThatThrownBy(() -> train("run", config("train.replicas=3"), count -> { })).isInstanceOf(UserException.class)
                .hasMessageContaining("train.replicas: 2 there, 3 now");
        assertThat(train("run", config("train.steps=25"), count -> { }).steps()).isEqualTo(25);
    }

    @Test
    void oneReplicaIsAveragedPlainlyAndNesterovWithoutMomentumIsPlainAveraging() {
        train("one", config("train.replicas=1"), count -> { });
        assertThat(files("one")).hasSize(2).noneMatch(file -> file.contains("outer"));
        train("average", config("train.outer.optimizer=average"), count -> { });
        train("nesterov", config("train.outer.optimizer=nesterov", "train.outer.learning-rate=1", "train.outer.momentum=0"), count -> { });
        train("momentum", config(), count -> { });
        assertThat(files("nesterov")).containsAll(files("average"));
        assertThat(files("momentum")).doesNotContainAnyElementsOf(files("average"));
    }

    @Test
    void aCheckpointWithoutMomentumIsRefusedWhereTheOptimizerHasOne() throws IOException {
        train("run", config("train.outer.optimizer=average"), count -> { });
        Path configuration = folder.resolve("run/config.conf");
        Files.writeString(configuration, Files.readString(configuration).replace("optimizer = average", "optimizer = auto"));
        assertThatThrownBy(() -> train("run", config("train.steps=25"), count -> { })).isInstanceOf(UserException.class)
                .hasMessageContainingAll("expected outer.safetensors", "train.outer.optimizer = average");
    }

    @Test
    void aCheckpointWithAMissingFileIsNamed() {
        train("run", config(), count -> { });
        String moments = folder("run").checkpoints().latest().orElseThrow().file("moments-0001.safetensors");
        HadoopFiles.delete(moments);
        assertThatThrownBy(() -> train("run", config("train.steps=25"), count -> { })).isInstanceOf(UserException.class).hasMessageContaining(moments);
    }
}
