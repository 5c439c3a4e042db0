package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
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
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.NamedArray;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.core.run.RunInfo;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.ReplicaPool;
import org.seqpe.spark.round.Validator;

class TrainLoopTest {
    private static SparkSession session;
    private static JavaSparkContext spark;

    @TempDir
    private Path folder;

    private ReplicaBatches batches = new ToyTraining.Points();
    private TrainOptions options = TrainOptions.DEFAULT;

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
        List<String> all = new ArrayList<>(List.of(
                "data.path=/data",
                "train.steps=20",
                "train.steps-per-round=3",
                "train.replicas=2",
                "train.validate-every=2",
                "train.checkpoint-every=3",
                "optimizer.schedule.warmup-steps=0"));
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
            return new Validator.Validation(Math.abs(network.getIterationCount() - 12) + 1, Map.of("even", 2.0));
        };
        TrainSetup setup = new TrainSetup(
                network,
                List.of(new NamedArray("parameters", 0, List.of(network.numParams()))),
                ToyTraining::replica,
                batches,
                step -> 0.5 / (step + 1),
                validator,
                "cpu",
                "ab12",
                "tokens");
        return new TrainLoop(
                        config,
                        folder(run),
                        setup,
                        OuterOptimizer.of(config.train().resolvedOuter(), network.numParams()),
                        Progress.none())
                .run(spark, options);
    }

    private RunFolder folder(String run) {
        return new RunFolder("file:" + folder.resolve(run));
    }

    private List<String> files(String run) {
        Checkpoints.Checkpoint last = folder(run).checkpoints().latest().orElseThrow();
        return last.manifest().files().stream()
                .map(file -> last.step() + " " + file.name() + " " + file.sha256())
                .toList();
    }

    @Test
    void leavesCheckpointsAndMetrics() {
        TrainSummary summary = train("run", config(), count -> {});
        assertThat(summary.steps()).isEqualTo(20);
        assertThat(summary.samples()).isEqualTo(20L * 2 * ToyTraining.ROWS);
        assertThat(summary.validationLoss()).isEqualTo(1);
        assertThat(files("run"))
                .hasSize(4)
                .allMatch(file -> file.startsWith("20 "))
                .anyMatch(file -> file.contains("outer.safetensors"));
        assertThat(folder("run").checkpoints().best().orElseThrow().step()).isEqualTo(12);
        List<JsonNode> metrics = folder("run").metrics().lines();
        assertThat(metrics).extracting(line -> line.get("step").asInt()).containsExactly(3, 6, 9, 12, 15, 18, 20);
        assertThat(metrics)
                .extracting(line -> line.has("validation_loss"))
                .containsExactly(false, true, false, true, false, true, true);
        assertThat(metrics.get(6).get("loss").asDouble())
                .isLessThan(metrics.get(0).get("loss").asDouble());
        assertThat(metrics.get(2).get("learning_rate").asDouble()).isEqualTo(0.5 / 9);
        assertThat(metrics.get(0).get("replica_losses")).hasSize(2);
    }

    /** Rounds, momentum and inner learning rate depend on the step, in whatever start it is reached. */
    @ParameterizedTest
    @CsvSource({"average, average, 1", "nesterov, keep, 2", "slowmo, reset, 3"})
    void aRunThatWasStoppedGoesOnBitwise(String optimizer, String moments, int stop) {
        RunConfig config = config(
                "train.outer.optimizer=" + optimizer,
                "train.moments=" + moments,
                "train.round-schedule=[{from-step=10, steps=2}]",
                "train.outer.schedule=[{from-step=8, learning-rate=0.5}]");
        train("whole", config, count -> {});
        assertThatThrownBy(() -> train("stopped", config, count -> {
                    if (count == stop) {
                        throw new IllegalStateException("stopped here");
                    }
                }))
                .hasMessage("stopped here");
        train("stopped", config, count -> {});
        assertThat(files("stopped")).isEqualTo(files("whole"));
        train("kept", config("train.outer.optimizer=" + optimizer), count -> {});
        assertThat(files("kept").equals(files("whole")))
                .as("moments are as they are kept by default")
                .isFalse();
        assertThat(folder("stopped").metrics().lines())
                .extracting(line -> line.get("loss"))
                .isEqualTo(folder("whole").metrics().lines().stream()
                        .map(line -> line.get("loss"))
                        .toList());
        assertThat(train("whole", config, count -> {}).loss())
                .as("nothing is left to do")
                .isNull();
    }

    /** A version that wrote the digits of the machine's locale has left such names. */
    @Test
    void aRunWhoseFilesAreNamedWithOtherDigitsGoesOnBitwise() throws IOException {
        train("whole", config(), count -> {});
        train("run", config("train.max-runtime=1ms"), count -> {});
        Path checkpoints = folder.resolve("run/checkpoints");
        Path step = Files.move(checkpoints.resolve("step-00000003"), checkpoints.resolve(arabic("step-%08d", 3)));
        String manifest = Files.readString(step.resolve("checkpoint.json"));
        for (int replica = 0; replica < 2; replica++) {
            String name = String.format(Locale.ROOT, "moments-%04d.safetensors", replica);
            String other = arabic("moments-%04d.safetensors", replica);
            Files.move(step.resolve(name), step.resolve(other));
            manifest = manifest.replace(name, other);
        }
        Files.writeString(step.resolve("checkpoint.json"), manifest);
        train("run", config(), count -> {});
        assertThat(files("run")).isEqualTo(files("whole"));
    }

    private static String arabic(String format, int number) {
        return String.format(Locale.forLanguageTag("ar-EG-u-nu-arab"), format, number);
    }

    @Test
    void itsTimeEndsARunAtTheEndOfARound() {
        train("whole", config(), count -> {});
        TrainSummary first = train("run", config("train.max-runtime=1ms"), count -> {});
        assertThat(first.end()).isEqualTo(TrainSummary.End.MAX_RUNTIME);
        assertThat(first.steps()).as("a run always moves").isEqualTo(3);
        assertThat(first.roundsLeft()).isEqualTo(6);
        TrainSummary rest = train("run", config("train.max-runtime=1h"), count -> {});
        assertThat(rest.end()).isEqualTo(TrainSummary.End.LAST_STEP);
        assertThat(rest.roundsLeft()).isZero();
        assertThat(files("run")).isEqualTo(files("whole"));
    }

    @Test
    void aRunThatIsAskedToStopSavesACheckpointFirst() {
        train("whole", config(), count -> {});
        int[] asked = {0};
        options = new TrainOptions(false, false, () -> ++asked[0] > 4);
        TrainSummary summary = train("run", config(), count -> {});
        assertThat(summary.end()).isEqualTo(TrainSummary.End.ASKED);
        assertThat(folder("run").checkpoints().steps())
                .as("no checkpoint is due at 12")
                .contains((long) summary.steps())
                .endsWith(12L);
        options = TrainOptions.DEFAULT;
        train("run", config(), count -> {});
        assertThat(files("run")).isEqualTo(files("whole"));
    }

    /** Notes which samples each replica takes in each step. */
    private static final class Noted extends ToyTraining.Points {
        private static final long serialVersionUID = 1L;
        private static final Set<Long> TAKEN = ConcurrentHashMap.newKeySet();
        private static final AtomicInteger TWICE = new AtomicInteger();
        private final int replicas;

        Noted(int replicas) {
            this.replicas = replicas;
        }

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            for (int step = 0; step < steps; step++) {
                for (int row = 0; row < rows(); row++) {
                    if (!TAKEN.add(firstSample + ((long) step * replicas + replica) * rows() + row)) {
                        TWICE.incrementAndGet();
                    }
                }
            }
            return super.batches(replica, firstStep, firstSample, steps);
        }
    }

    @Test
    void anotherNumberOfReplicasIsADeliberateOperation() {
        RunConfig three = config("train.replicas=3", "train.steps=30");
        batches = new Noted(2);
        train("run", config(), count -> {});
        assertThatThrownBy(() -> train("run", three, count -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("train.replicas: 2 there, 3 now", "--replicas 3");

        batches = new Noted(3);
        options = new TrainOptions(false, true, () -> false);
        train("run", three, count -> {});
        options = TrainOptions.DEFAULT;
        assertThat(train("run", three, count -> {}).loss())
                .as("from now on it is a run of three")
                .isNull();
        assertThat(folder("run").info().changes()).containsExactly(new RunInfo.ReplicaChange(20, 3));
        assertThat(folder("run").metrics().lines())
                .extracting(line -> line.get("replicas").asInt())
                .endsWith(2, 3, 3, 3, 3)
                .startsWith(2, 2, 2, 2, 2, 2);
        assertThat(files("run")).as("parameters, outer momentum, moments").hasSize(5);

        batches = new Noted(1);
        options = new TrainOptions(false, true, () -> false);
        RunConfig one = config("train.replicas=1", "train.steps=40");
        train("run", one, count -> {});
        assertThat(files("run")).as("parameters, moments").hasSize(2);
        int samples = (20 * 2 + 10 * 3 + 10) * ToyTraining.ROWS;
        assertThat(Noted.TAKEN).as("no sample is left out").hasSize(samples).allMatch(sample -> sample < samples);
        assertThat(Noted.TWICE).as("none is taken twice").hasValue(0);
    }

    /** A run that is killed before its first checkpoint with the new number does the same again. */
    @Test
    void newReplicasBeginWithTheMeanOfTheMomentsAlsoAfterAKill() {
        RunConfig three = config("train.replicas=3", "train.steps=40", "train.validate-every=1");
        options = new TrainOptions(false, true, () -> false);
        train("whole", config(), count -> {});
        train("whole", three, count -> {});
        train("killed", config(), count -> {});
        assertThatThrownBy(() -> train("killed", three, count -> {
                    throw new IllegalStateException("killed here");
                }))
                .hasMessage("killed here");
        options = TrainOptions.DEFAULT;
        train("killed", three, count -> {});
        assertThat(files("killed")).isEqualTo(files("whole"));
    }

    /** Fails in replica 1's second round as often as it is told. */
    private static final class Failing extends ToyTraining.Points {
        private static final long serialVersionUID = 1L;
        private static final AtomicInteger LEFT = new AtomicInteger();
        private static final AtomicInteger FAILED = new AtomicInteger();
        private final boolean forUser;

        Failing(int times, boolean forUser) {
            this.forUser = forUser;
            LEFT.set(times);
            FAILED.set(0);
        }

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            if (replica == 1 && firstStep == 3 && LEFT.getAndDecrement() > 0) {
                FAILED.incrementAndGet();
                if (forUser) {
                    throw new UserException("Cannot read shard 7: no such file.");
                }
                throw new IllegalStateException("a disk that fails");
            }
            return super.batches(replica, firstStep, firstSample, steps);
        }
    }

    @Test
    void aRoundThatFailsIsTriedAgain() {
        train("whole", config(), count -> {});
        batches = new Failing(3, false);
        train("run", config(), count -> {});
        assertThat(Failing.FAILED).hasValue(3);
        assertThat(files("run")).isEqualTo(files("whole"));

        batches = new Failing(9, false);
        assertThatThrownBy(() -> train("given-up", config("train.round-retries=1"), count -> {}))
                .hasStackTraceContaining("a disk that fails");
        assertThat(Failing.FAILED).hasValue(2);
        batches = new Failing(9, true);
        assertThatThrownBy(() -> train("refused", config(), count -> {}))
                .hasStackTraceContaining("Cannot read shard 7");
        assertThat(Failing.FAILED)
                .as("what the user has to mend is not tried again")
                .hasValue(1);
    }

    @Test
    void lostMomentsAreComputedAgainFromTheLastCheckpoint() {
        train("whole", config(), count -> {});
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
        train("run", config(), count -> {});
        assertThatThrownBy(() -> train("run", config("train.steps-per-round=4"), count -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("train.steps-per-round: 3 there, 4 now");
        assertThat(train("run", config("train.steps=25"), count -> {}).steps()).isEqualTo(25);
    }

    @Test
    void oneReplicaIsAveragedPlainlyAndNesterovWithoutMomentumIsPlainAveraging() {
        train("one", config("train.replicas=1"), count -> {});
        assertThat(files("one")).hasSize(2).noneMatch(file -> file.contains("outer"));
        train("average", config("train.outer.optimizer=average"), count -> {});
        train(
                "nesterov",
                config("train.outer.optimizer=nesterov", "train.outer.learning-rate=1", "train.outer.momentum=0"),
                count -> {});
        train("momentum", config(), count -> {});
        assertThat(files("nesterov")).containsAll(files("average"));
        assertThat(files("momentum")).doesNotContainAnyElementsOf(files("average"));
    }

    @Test
    void aCheckpointWithoutMomentumIsRefusedWhereTheOptimizerHasOne() throws IOException {
        train("run", config("train.outer.optimizer=average"), count -> {});
        Path configuration = folder.resolve("run/config.conf");
        Files.writeString(
                configuration, Files.readString(configuration).replace("optimizer = average", "optimizer = auto"));
        assertThatThrownBy(() -> train("run", config("train.steps=25"), count -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("expected outer.safetensors", "train.outer.optimizer = average");
    }

    @Test
    void aCheckpointWithAMissingFileIsNamed() {
        train("run", config(), count -> {});
        String moments = folder("run").checkpoints().latest().orElseThrow().file("moments-0001.safetensors");
        HadoopFiles.delete(moments);
        assertThatThrownBy(() -> train("run", config("train.steps=25"), count -> {}))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(moments);
    }
}
