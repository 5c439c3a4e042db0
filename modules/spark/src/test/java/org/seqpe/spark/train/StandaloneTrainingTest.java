package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.seqpe.core.UserException;
import org.seqpe.core.config.ConfigReader;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.NamedArray;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneCluster;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.ReplicaFactory;
import org.seqpe.spark.round.Validator;
import org.seqpe.spark.vectors.Pieces;

/** A cluster of processes, whatever happens to them, gives the bits of an embedded Spark, and nobody has to help. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(240)
class StandaloneTrainingTest {
    private static final int WORKERS = 3;
    private static final int STEPS_PER_ROUND = 3;
    private static final int ROUNDS = 4;
    private static final String WHOLE = "whole";
    /** The toy's 66 parameters are five pieces and its 132 moments nine; the last one of each is shorter. */
    private static final Pieces SMALL_PIECES = new Pieces(16);
    /** What travels otherwise than by default. */
    private static final String[] OTHERWISE = {"train.delta-compression=int8", "train.moments=average"};

    private static final String[] BF16_AND_RESET = {"train.delta-compression=bf16", "train.moments=reset"};
    private static final String[] INT4_AND_NESTEROV = {"train.delta-compression=int4", "train.outer.optimizer=nesterov"
    };
    /** Longer than a test takes. */
    private static final long FOR_EVER_SECONDS = 100;

    @TempDir
    private static Path folder;

    private static List<String> expected;
    private static StandaloneCluster cluster;
    private static SparkSession session;
    private static JavaSparkContext spark;

    @BeforeAll
    static void trainEmbeddedAndStartTheCluster() throws Exception {
        try (SparkSession local = SparkSessions.create("local[2]", WHOLE, Map.of("spark.ui.enabled", "false"))) {
            JavaSparkContext context = new JavaSparkContext(local.sparkContext());
            // Uncompressed parameters do not depend on where they are cut: the reference is cut nowhere.
            train(
                    context,
                    WHOLE,
                    ToyTraining.network(0),
                    ToyTraining::replica,
                    new ToyTraining.Points(),
                    round -> {},
                    Pieces.WHOLE,
                    TrainOptions.DEFAULT);
            train(context, "otherwise", new ToyTraining.Points(), round -> {}, OTHERWISE);
            train(context, "bf16", new ToyTraining.Points(), round -> {}, BF16_AND_RESET);
            train(context, "int4", new ToyTraining.Points(), round -> {}, INT4_AND_NESTEROV);
            trainWithOneReplicaLess(context, "resized");
            trainWide(context, "wide", new ToyTraining.Points());
        }
        expected = files(WHOLE);
        cluster = new StandaloneCluster(Files.createDirectory(folder.resolve("cluster")), WORKERS);
        Map<String, String> settings = new HashMap<>(cluster.settings());
        // A copy of a task is started once it has run for two seconds more than half of the others.
        settings.putAll(Map.of(
                "spark.speculation",
                "true",
                "spark.speculation.quantile",
                "0.5",
                "spark.speculation.multiplier",
                "1.0",
                "spark.speculation.interval",
                "200ms",
                "spark.speculation.minTaskRuntime",
                "2s",
                "spark.locality.wait",
                "500ms"));
        session = SparkSessions.create(cluster.master(), "standalone", settings);
        spark = new JavaSparkContext(session.sparkContext());
    }

    @AfterAll
    static void stop() {
        session.close();
        cluster.close();
    }

    private static RunConfig config(String... overrides) {
        List<String> all = new ArrayList<>(List.of(
                "data.path=/data",
                "train.steps=" + STEPS_PER_ROUND * ROUNDS,
                "train.steps-per-round=" + STEPS_PER_ROUND,
                "train.replicas=" + WORKERS,
                "train.validate-every=1",
                "train.checkpoint-every=100",
                "train.cluster-timeout=60s",
                "optimizer.schedule.warmup-steps=0"));
        all.addAll(List.of(overrides));
        return ConfigReader.defaults(all);
    }

    /** @param between called after each round with its number */
    private static void train(
            JavaSparkContext on, String run, ReplicaBatches batches, IntConsumer between, String... overrides) {
        train(
                on,
                run,
                ToyTraining.network(0),
                ToyTraining::replica,
                batches,
                between,
                SMALL_PIECES,
                TrainOptions.DEFAULT,
                overrides);
    }

    private static void train(
            JavaSparkContext on,
            String run,
            MultiLayerNetwork network,
            ReplicaFactory replicas,
            ReplicaBatches batches,
            IntConsumer between,
            Pieces pieces,
            TrainOptions options,
            String... overrides) {
        RunConfig config = config(overrides);
        Validator validator = () -> {
            between.accept(network.getIterationCount() / STEPS_PER_ROUND);
            return new Validator.Validation(network.getIterationCount(), Map.of());
        };
        TrainSetup setup = new TrainSetup(
                network,
                List.of(new NamedArray("parameters", 0, List.of(network.numParams()))),
                replicas,
                batches,
                step -> 0.05,
                validator,
                "cpu",
                "ab12",
                "tokens");
        OuterOptimizer outer = OuterOptimizer.of(config.train().resolvedOuter(), network.numParams());
        new TrainLoop(config, new RunFolder("file:" + folder.resolve(run)), setup, outer, Progress.none(), pieces)
                .run(on, options);
    }

    /** Three replicas to a checkpoint, and from there two, which begin with the mean of its moments. */
    private static void trainWithOneReplicaLess(JavaSparkContext on, String run) {
        train(on, run, new ToyTraining.Points(), round -> {}, "train.steps=" + 2 * STEPS_PER_ROUND);
        train(
                on,
                run,
                ToyTraining.network(0),
                ToyTraining::replica,
                new ToyTraining.Points(),
                round -> {},
                SMALL_PIECES,
                new TrainOptions(false, true, () -> false),
                "train.replicas=" + (WORKERS - 1));
    }

    /** Two rounds of a network that the usual pieces cut twice. */
    private static void trainWide(JavaSparkContext on, String run, ReplicaBatches batches) {
        train(
                on,
                run,
                ToyTraining.wideNetwork(0),
                ToyTraining::wideReplica,
                batches,
                round -> {},
                Pieces.DEFAULT,
                TrainOptions.DEFAULT,
                "train.steps=" + 2 * STEPS_PER_ROUND,
                "train.replicas=2");
    }

    private static List<String> files(String run) {
        Checkpoints.Checkpoint last = new RunFolder("file:" + folder.resolve(run))
                .checkpoints()
                .latest()
                .orElseThrow();
        return last.manifest().files().stream()
                .map(file -> last.step() + " " + file.name() + " " + file.sha256())
                .toList();
    }

    /**
     * What happens to the first attempt at a replica's second round, after its first step; it leaves its process id in
     * a file.
     */
    private static final class Disturbed extends ToyTraining.Points {
        private static final long serialVersionUID = 1L;
        private final int disturbed;
        private final String file;
        private final boolean fails;

        Disturbed(int disturbed, Path file, boolean fails) {
            this.disturbed = disturbed;
            this.file = file.toString();
            this.fails = fails;
        }

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            Iterator<DataSet> whole = super.batches(replica, firstStep, firstSample, steps);
            boolean now = replica == disturbed
                    && firstStep == STEPS_PER_ROUND
                    && TaskContext.get().attemptNumber() == 0;
            return now ? ToyTraining.disturbed(whole, 1, this::disturb) : whole;
        }

        private void disturb() {
            try {
                Files.writeString(
                        Path.of(file + ".new"),
                        String.valueOf(ProcessHandle.current().pid()));
                Files.move(Path.of(file + ".new"), Path.of(file));
                if (fails) {
                    throw new IllegalStateException("a disk that failed once");
                }
                TimeUnit.SECONDS.sleep(FOR_EVER_SECONDS);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException("another attempt was faster", e);
            }
        }
    }

    private static long awaitPid(Path file) {
        while (!Files.exists(file)) {
            LockSupport.parkNanos(20_000_000);
        }
        try {
            return Long.parseLong(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(1)
    void anExecutorThatIsKilledInTheMiddleOfARound() throws Exception {
        Path file = folder.resolve("killed.pid");
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(
                () -> ProcessHandle.of(awaitPid(file)).orElseThrow().destroyForcibly());
        train(spark, "killed", new Disturbed(1, file, false), round -> {});
        assertThat(killed.get(1, TimeUnit.SECONDS)).isTrue();
        assertThat(files("killed")).isEqualTo(expected);
    }

    @Test
    @Order(2)
    void aTaskThatThrowsOnceWhereDeltasAreCompressedAndMomentsAveraged() {
        Path file = folder.resolve("thrown.pid");
        train(spark, "thrown", new Disturbed(2, file, true), round -> {}, OTHERWISE);
        assertThat(file).exists();
        assertThat(files("thrown")).isEqualTo(files("otherwise"));
    }

    @Test
    @Order(3)
    void aSlowTaskWhoseCopyIsFaster() {
        Path file = folder.resolve("slow.pid");
        long start = System.nanoTime();
        train(spark, "slow", new Disturbed(0, file, false), round -> {});
        assertThat(file).exists();
        assertThat(System.nanoTime() - start)
                .as("nobody waited for it")
                .isLessThan(TimeUnit.SECONDS.toNanos(FOR_EVER_SECONDS));
        assertThat(files("slow")).isEqualTo(expected);
    }

    @Test
    @Order(4)
    void executorsThatGoAndComeBetweenRounds() {
        train(spark, "moving", new ToyTraining.Points(), round -> {
            if (round == 1) {
                cluster.killWorker(0);
            } else if (round == 2) {
                addWorker();
                awaitExecutors();
            }
        });
        assertThat(files("moving")).isEqualTo(expected);
    }

    /**
     * Parameters of more than two pieces of the usual size, and an executor that is lost with its replica's moments.
     */
    @Test
    @Order(5)
    void aNetworkOfMoreThanTwoPiecesWhoseExecutorIsKilled() throws Exception {
        assertThat(Pieces.DEFAULT.count(ToyTraining.wideNetwork(0).numParams())).isEqualTo(3);
        Path file = folder.resolve("wide.pid");
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(
                () -> ProcessHandle.of(awaitPid(file)).orElseThrow().destroyForcibly());
        trainWide(spark, "wide-killed", new Disturbed(1, file, false));
        assertThat(killed.get(1, TimeUnit.SECONDS)).isTrue();
        assertThat(files("wide-killed")).isEqualTo(files("wide"));
    }

    @Test
    @Order(6)
    void theOtherCodesAndWhatBecomesOfTheMoments() {
        train(spark, "bf16-cluster", new ToyTraining.Points(), round -> {}, BF16_AND_RESET);
        assertThat(files("bf16-cluster")).isEqualTo(files("bf16"));
        train(spark, "int4-cluster", new ToyTraining.Points(), round -> {}, INT4_AND_NESTEROV);
        assertThat(files("int4-cluster")).isEqualTo(files("int4"));
    }

    @Test
    @Order(7)
    void oneReplicaLessFromACheckpointOn() {
        trainWithOneReplicaLess(spark, "resized-cluster");
        assertThat(files("resized-cluster")).isEqualTo(files("resized"));
    }

    private static void awaitExecutors() {
        // The driver is listed as one.
        while (spark.sc().statusTracker().getExecutorInfos().length < 1 + WORKERS) {
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static void addWorker() {
        try {
            cluster.addWorker();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(8)
    void aPlanThatNeedsMoreSlotsIsRefusedUnlessReplicasMayTakeTurns() {
        awaitExecutors();
        assertThatThrownBy(() -> train(
                        spark,
                        "refused",
                        new ToyTraining.Points(),
                        round -> {},
                        "train.replicas=4",
                        "train.cluster-timeout=1s"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "4 replicas",
                        "expected 4 task slots, found 3 after 1 s",
                        "3 executors; spark.task.cpus = 1",
                        "spark.cores.max = 3",
                        "train.allow-waves");
        assertThat(folder.resolve("refused")).doesNotExist();
        train(
                spark,
                "waves",
                new ToyTraining.Points(),
                round -> {},
                "train.replicas=4",
                "train.cluster-timeout=1s",
                "train.allow-waves=true");
        assertThat(files("waves")).hasSize(1 + 1 + 4);
    }

    /** Spark would wait for them for ever. */
    @Test
    @Order(9)
    void aClusterThatLosesAllItsSlotsIsAnErrorAndTheRunIsKept() {
        assertThatThrownBy(() -> train(
                        spark,
                        "lost",
                        new ToyTraining.Points(),
                        round -> {
                            for (int worker = 1; round == 2 && worker <= WORKERS; worker++) {
                                cluster.killWorker(worker);
                            }
                        },
                        "train.cluster-timeout=3s"))
                .hasMessageContainingAll("Cannot go on with round 3", "no task slot for 3 s", "0 executors");
        assertThat(new RunFolder("file:" + folder.resolve("lost"))
                        .checkpoints()
                        .latest()
                        .orElseThrow()
                        .step())
                .isEqualTo(STEPS_PER_ROUND);
    }
}
