package org.seqpe.spark.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.BlockId;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.config.OuterConfig;
import org.seqpe.core.config.TrainConfig.DeltaCompression;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.merge.WeightedAverage;
import org.seqpe.spark.moments.SavedMoments;
import org.seqpe.spark.train.ToyTraining;
import org.seqpe.spark.vectors.Pieces;
import scala.collection.JavaConverters;

class RoundTrainingMasterTest {
    /** The toy's 66 parameters are five pieces, the last of which is shorter. */
    private static final Pieces SMALL_PIECES = new Pieces(16);

    /**
     * One replica is plain single-process training: parameters, Adam's moments and the learning rate's decay go on
     * across rounds.
     */
    @Test
    void oneReplicaIsBitwisePlainTraining() {
        MultiLayerNetwork plain = ToyTraining.network(0);
        List<float[]> rounds = with("local[1]", context -> ToyTraining.train(context, 1, 4, 5));
        for (int step = 0; step < 20; step++) {
            plain.fit(ToyTraining.Points.step(0, step));
            if (step % 5 == 4) {
                assertThat(rounds.get(step / 5))
                        .as("after step %d", step)
                        .isEqualTo(plain.params().toFloatVector());
            }
        }
    }

    /** Two replicas, done by hand: each goes on with its own moments from the mean of both. */
    @Test
    void replicasStartFromTheMeanWithTheirOwnMoments() {
        List<float[]> rounds = with("local[2]", context -> ToyTraining.train(context, 2, 3, 4));
        MultiLayerNetwork[] replicas = {ToyTraining.network(0), ToyTraining.network(1)};
        float[] mean = replicas[0].params().toFloatVector();
        for (int round = 0; round < 3; round++) {
            WeightedAverage average = new WeightedAverage();
            for (int k = 0; k < 2; k++) {
                replicas[k].params().assign(Nd4j.createFromArray(mean));
                for (int step = 0; step < 4; step++) {
                    replicas[k].fit(ToyTraining.Points.step(k, 4 * round + step));
                }
                average.add(4 * ToyTraining.ROWS, replicas[k].params().toFloatVector(), mean.length);
            }
            average.result(mean);
            assertThat(rounds.get(round)).isEqualTo(mean);
        }
    }

    @Test
    void theMeanOfTheMomentsCountsEachReplicaTheSame() {
        float[] mean = with("local[2]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            try (RoundTrainingMaster master = master(context, network, new ToyTraining.Points())) {
                List<SavedMoments.Blocks> moments =
                        master.round(1, 0, 0, 4, zeros(2)).moments();
                SavedMoments.Blocks stored = (SavedMoments.Blocks) master.meanMoments(2, moments);
                float[] values = new float[(int) stored.length()];
                stored.read(0, values.length, values);
                assertThat(master.meanMoments(2, zeros(2))).isEqualTo(new SavedMoments.Zero());
                return values;
            }
        });
        MultiLayerNetwork[] replicas = {ToyTraining.network(0), ToyTraining.network(1)};
        WeightedAverage average = new WeightedAverage();
        for (int k = 0; k < 2; k++) {
            for (int step = 0; step < 4; step++) {
                replicas[k].fit(ToyTraining.Points.step(k, step));
            }
            average.add(1, replicas[k].getUpdater().getStateViewArray().toFloatVector(), mean.length);
        }
        float[] expected = new float[mean.length];
        average.result(expected);
        assertThat(mean).isEqualTo(expected);
    }

    @Test
    void theResultDoesNotDependOnHowManyReplicasRunAtOnce() {
        List<float[]> one = with("local[1]", context -> ToyTraining.train(context, 3, 3, 4));
        List<float[]> two = with("local[2]", context -> ToyTraining.train(context, 3, 3, 4));
        assertThat(two).usingRecursiveComparison().isEqualTo(one);
    }

    /**
     * Rounding is part of the result, and the result depends on nothing else; the finer the code, the nearer to what is
     * not compressed.
     */
    @Test
    void compressedDeltasDoNotDependOnHowManyReplicasRunAtOnce() {
        float[] exact = last(with("local[2]", context -> ToyTraining.train(context, 3, 3, 4)));
        double previous = 0;
        for (DeltaCompression compression :
                List.of(DeltaCompression.BF16, DeltaCompression.INT8, DeltaCompression.INT4)) {
            List<float[]> one =
                    with("local[1]", context -> ToyTraining.train(context, 3, 3, 4, compression, SMALL_PIECES));
            List<float[]> two =
                    with("local[2]", context -> ToyTraining.train(context, 3, 3, 4, compression, SMALL_PIECES));
            assertThat(two).as("%s", compression).usingRecursiveComparison().isEqualTo(one);
            double distance = distance(last(one), exact);
            assertThat(distance).as("%s", compression).isBetween(previous, 0.2);
            assertThat(distance).isPositive();
            previous = distance;
        }
    }

    /**
     * Vectors longer than what is encoded and merged at a time, with every code and a momentum: bit by bit what loops
     * over whole vectors give.
     */
    @Test
    void longVectorsAreEncodedAveragedAndSteppedAsOne() {
        OuterOptimizer.Rates rates = new OuterOptimizer.Rates(0.7, 0.05, 0.05);
        MultiLayerNetwork[] trained = {ToyTraining.broadNetwork(0), ToyTraining.broadNetwork(1)};
        float[] start = trained[0].params().toFloatVector();
        for (int k = 0; k < 2; k++) {
            for (int step = 0; step < 4; step++) {
                trained[k].fit(ToyTraining.Points.step(k, step));
            }
        }
        for (DeltaCompression compression : DeltaCompression.values()) {
            WeightedAverage average = new WeightedAverage();
            for (int k = 0; k < 2; k++) {
                average.add(
                        1,
                        received(
                                DeltaCode.of(compression),
                                start,
                                trained[k].params().toFloatVector()),
                        start.length);
            }
            float[] mean = new float[start.length];
            average.result(mean);
            OuterOptimizer whole = nesterov(start.length, rates);
            float[] expected = new float[start.length];
            whole.step(0, start.length, start, mean, expected);
            for (Pieces pieces : new Pieces[] {Pieces.DEFAULT, new Pieces(18 * DeltaCode.BLOCK)}) {
                OuterOptimizer outer = nesterov(start.length, rates);
                MultiLayerNetwork network = ToyTraining.broadNetwork(0);
                with("local[2]", context -> {
                    try (RoundTrainingMaster master = new RoundTrainingMaster(
                            context,
                            network,
                            ToyTraining::broadReplica,
                            new ToyTraining.Points(),
                            outer,
                            compression,
                            pieces)) {
                        return master.round(1, 0, 0, 4, zeros(2));
                    }
                });
                assertThat(network.params().toFloatVector())
                        .as("parameters with %s in %s", compression, pieces)
                        .isEqualTo(expected);
                assertThat(outer.momentum().orElseThrow().toFloatVector())
                        .as("momentum")
                        .isEqualTo(whole.momentum().orElseThrow().toFloatVector());
            }
        }
    }

    private static OuterOptimizer nesterov(int parameters, OuterOptimizer.Rates rates) {
        OuterOptimizer outer =
                OuterOptimizer.of(new OuterConfig(OuterConfig.Optimizer.NESTEROV, 0.7, 0.9, List.of()), parameters);
        outer.begin(rates);
        return outer;
    }

    /** A replica's parameters as they arrive at the driver. */
    private static float[] received(DeltaCode code, float[] start, float[] end) {
        if (code == null) {
            return end;
        }
        float[] delta = new float[start.length];
        for (int i = 0; i < delta.length; i++) {
            delta[i] = end[i] - start[i];
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) code.bytes(delta.length)).order(ByteOrder.LITTLE_ENDIAN);
        code.encode(delta, delta.length, bytes);
        code.decode(bytes, 0, delta.length, delta);
        for (int i = 0; i < delta.length; i++) {
            delta[i] += start[i];
        }
        return delta;
    }

    /** Where vectors are cut shows nowhere, as long as blocks of a code are not cut. */
    @Test
    void theResultDoesNotDependOnThePieces() {
        List<float[]> whole = with("local[2]", context -> ToyTraining.train(context, 2, 3, 4));
        for (int elements : new int[] {1, 13, 16, 33, 65, 66, 67}) {
            List<float[]> cut = with(
                    "local[2]",
                    context -> ToyTraining.train(context, 2, 3, 4, DeltaCompression.NONE, new Pieces(elements)));
            assertThat(cut)
                    .as("pieces of %d", elements)
                    .usingRecursiveComparison()
                    .isEqualTo(whole);
        }
    }

    @Test
    void theMeanOfTheMomentsDoesNotDependOnThePieces() {
        assertThat(meanMoments(SMALL_PIECES)).isEqualTo(meanMoments(Pieces.DEFAULT));
    }

    private static float[] meanMoments(Pieces pieces) {
        return with("local[2]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            try (RoundTrainingMaster master = new RoundTrainingMaster(
                    context,
                    network,
                    ToyTraining::replica,
                    new ToyTraining.Points(),
                    OuterOptimizer.AVERAGE,
                    DeltaCompression.NONE,
                    pieces)) {
                SavedMoments.Blocks stored = (SavedMoments.Blocks)
                        master.meanMoments(2, master.round(1, 0, 0, 4, zeros(2)).moments());
                float[] values = new float[(int) stored.length()];
                stored.read(0, values.length, values);
                return values;
            }
        });
    }

    private static float[] last(List<float[]> rounds) {
        return rounds.get(rounds.size() - 1);
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - b[i], 2);
        }
        return Math.sqrt(sum);
    }

    @Test
    void countsTheBytesOfARound() {
        for (DeltaCompression compression : DeltaCompression.values()) {
            RoundTraffic traffic = with("local[2]", context -> {
                MultiLayerNetwork network = ToyTraining.network(0);
                try (RoundTrainingMaster master = new RoundTrainingMaster(
                        context,
                        network,
                        ToyTraining::replica,
                        new ToyTraining.Points(),
                        OuterOptimizer.AVERAGE,
                        compression,
                        Pieces.DEFAULT)) {
                    return master.round(1, 0, 0, 4, zeros(2)).traffic();
                }
            });
            // 66 parameters, one block of them; 4 bytes of scale before the integers. Moments stay in the process.
            long up =
                    switch (compression) {
                        case NONE -> 66 * 4;
                        case BF16 -> 66 * 2;
                        case INT8 -> 4 + 66;
                        case INT4 -> 4 + 33;
                    };
            assertThat(traffic).as("%s", compression).isEqualTo(new RoundTraffic(2 * 66 * 4, 2 * up, 0));
        }
    }

    /** Moments are where the plan says, not merely in the network that happened to be in the JVM. */
    @Test
    void aNetworkThatIsNotInThePoolGetsItsMoments() {
        List<float[]> pooled = with("local[2]", context -> ToyTraining.train(context, 2, 3, 4));
        List<float[]> rebuilt = with("local[2]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            List<float[]> parameters = new java.util.ArrayList<>();
            try (RoundTrainingMaster master = master(context, network, new ToyTraining.Points())) {
                List<? extends SavedMoments> moments = zeros(2);
                for (int round = 1; round <= 3; round++) {
                    moments =
                            master.round(round, 4 * (round - 1), 0, 4, moments).moments();
                    ReplicaPool.drop(master.run());
                    parameters.add(network.params().toFloatVector());
                }
            }
            return parameters;
        });
        assertThat(rebuilt).usingRecursiveComparison().isEqualTo(pooled);
    }

    @Test
    void aTaskThatFailsIsRepeatedFromTheStartOfTheRound() {
        List<float[]> whole = with("local[2]", context -> ToyTraining.train(context, 2, 2, 4));
        List<float[]> repeated = with("local[2,3]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            List<float[]> parameters = new java.util.ArrayList<>();
            try (RoundTrainingMaster master = master(context, network, new FailingOnce())) {
                List<? extends SavedMoments> moments = zeros(2);
                for (int round = 1; round <= 2; round++) {
                    moments =
                            master.round(round, 4 * (round - 1), 0, 4, moments).moments();
                    parameters.add(network.params().toFloatVector());
                }
            }
            return parameters;
        });
        assertThat(repeated).usingRecursiveComparison().isEqualTo(whole);
    }

    @Test
    void reportsTokensLossesAndDeltas() {
        RoundResult result = with("local[2]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            try (RoundTrainingMaster master = master(context, network, new ToyTraining.Points())) {
                return master.round(1, 0, 0, 4, zeros(2));
            }
        });
        assertThat(result.weight()).isEqualTo(2 * 4 * ToyTraining.ROWS);
        assertThat(result.replicas()).extracting(ReplicaReport::replica).containsExactly(0, 1);
        assertThat(result.loss()).isBetween(0.1, 3.0);
        assertThat(result.deltas().norms()).hasSize(2).doesNotContain(0.0);
        assertThat(result.deltas().meanCosine()).isBetween(-1.0, 1.0);
    }

    /** Nothing of a run stays in Spark's block manager once it is closed. */
    @Test
    void blocksOfFinishedRoundsAreFreed() {
        List<String> left = with("local[2]", context -> {
            ToyTraining.train(context, 2, 3, 2);
            // Spark frees them in the background.
            for (int i = 0; i < 100 && !replicaBlocks().isEmpty(); i++) {
                LockSupport.parkNanos(50_000_000);
            }
            return replicaBlocks();
        });
        assertThat(left).isEmpty();
    }

    private static List<String> replicaBlocks() {
        return JavaConverters.seqAsJavaList(
                        SparkEnv.get().blockManager().master().getMatchingBlockIds(new AnyBlock(), true))
                .stream()
                .map(BlockId::name)
                .filter(name -> name.contains("_a"))
                .toList();
    }

    @Test
    void refusesAReplicaWithoutSamplesAndOneWithTooFew() {
        with("local[1]", context -> {
            MultiLayerNetwork network = ToyTraining.network(0);
            try (RoundTrainingMaster master = master(context, network, new Short(0))) {
                assertThatThrownBy(() -> master.round(1, 0, 0, 4, zeros(1)))
                        .hasMessageContaining("expected 4 batches, found none (replica 0, round 1)");
            }
            try (RoundTrainingMaster master = master(context, network, new Short(3))) {
                assertThatThrownBy(() -> master.round(1, 0, 0, 4, zeros(1)))
                        .hasMessageContaining("expected 4 batches, found 3 (replica 0, round 1)");
            }
            return null;
        });
    }

    private static List<SavedMoments> zeros(int replicas) {
        return Collections.nCopies(replicas, new SavedMoments.Zero());
    }

    private static RoundTrainingMaster master(
            JavaSparkContext context, MultiLayerNetwork network, ReplicaBatches batches) {
        return new RoundTrainingMaster(context, network, ToyTraining::replica, batches, OuterOptimizer.AVERAGE);
    }

    private static <T> T with(String master, Function<JavaSparkContext, T> work) {
        try (var session = SparkSessions.create(master, "rounds", Map.of("spark.ui.enabled", "false"))) {
            return work.apply(new JavaSparkContext(session.sparkContext()));
        }
    }

    private static final class AnyBlock extends scala.runtime.AbstractFunction1<BlockId, Object>
            implements java.io.Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public Object apply(BlockId block) {
            return true;
        }
    }

    private static final class Short implements ReplicaBatches {
        private static final long serialVersionUID = 1L;
        private final int found;

        Short(int found) {
            this.found = found;
        }

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            return new ToyTraining.Points().batches(replica, firstStep, firstSample, found);
        }

        @Override
        public int rows() {
            return ToyTraining.ROWS;
        }

        @Override
        public long weight(DataSet step) {
            return step.numExamples();
        }
    }

    /** Throws once, in the middle of replica 1's second round. */
    private static final class FailingOnce implements ReplicaBatches {
        private static final long serialVersionUID = 1L;

        @Override
        public Iterator<DataSet> batches(int replica, long firstStep, long firstSample, int steps) {
            Iterator<DataSet> whole = new ToyTraining.Points().batches(replica, firstStep, firstSample, steps);
            boolean fails = replica == 1
                    && firstStep == 4
                    && org.apache.spark.TaskContext.get().attemptNumber() == 0;
            return fails
                    ? ToyTraining.disturbed(whole, 2, () -> {
                        throw new IllegalStateException("a disk that failed once");
                    })
                    : whole;
        }

        @Override
        public int rows() {
            return ToyTraining.ROWS;
        }

        @Override
        public long weight(DataSet step) {
            return step.numExamples();
        }
    }
}
