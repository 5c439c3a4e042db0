package org.seqpe.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.seqpe.core.config.TrainConfig.DeltaCompression;
import org.seqpe.spark.SparkSessions;
import org.seqpe.spark.StandaloneCluster;

/** The same training on embedded Spark and on a real cluster of processes gives the same bits. */
class StandaloneTrainingTest {
    private static final int REPLICAS = 2;
    private static final int ROUNDS = 4;
    private static final int STEPS = 3;

    @Test
    void localAndStandaloneGiveTheSameParametersAlsoWhenAnExecutorIsKilled(@TempDir Path folder) throws Exception {
        List<float[]> local = train("local[1]", Map.of("spark.ui.enabled", "false"), round -> { });
        assertThat(train("local[2]", Map.of("spark.ui.enabled", "false"), round -> { })).usingRecursiveComparison().isEqualTo(local);
        try (StandaloneCluster cluster = new StandaloneCluster(folder, 2)) {
            List<Integer> executors = new ArrayList<>();
            List<float[]> standalone = train(cluster.master(), cluster.settings(), round -> {
                executors.add(cluster.executors().size());
                if (round == 2) {
                    // Its replica's moments are gone with it; the other executor has a copy.
                    cluster.executors().get(0).destroyForcibly();
                }
            });
            assertThat(executors.get(0)).as("executors after the first round").isEqualTo(2);
            assertThat(standalone).usingRecursiveComparison().isEqualTo(local);
            assertThat(compressed(cluster.master(), cluster.settings())).usingRecursiveComparison().isEqualTo(compressed("local[1]", Map.of("spark.ui.enabled", "false")));
        }
    }

    private static List<float[]> compressed(String master, Map<String, String> settings) {
        try (var session = SparkSessions.create(master, "compressed", new HashMap<>(settings))) {
            return ToyTraining.train(new JavaSparkContext(session.sparkContext()), REPLICAS, 2, STEPS, DeltaCompression.INT8);
        }
    }

    private interface AfterRound {
        void run(int round);
    }

    private static List<float[]> train(String master, Map<String, String> settings, AfterRound after) {
        List<float[]> parameters = new ArrayList<>();
        try (var session = SparkSessions.create(master, "standalone", new HashMap<>(settings))) {
            JavaSparkContext context = new JavaSparkContext(session.sparkContext());
            MultiLayerNetwork network = ToyTraining.network(0);
            try (RoundTrainingMaster training = new RoundTrainingMaster(context, network, ToyTraining::replica, new ToyTraining.Points(), OuterOptimizer.AVERAGE)) {
                List<? extends SavedMoments> moments = java.util.Collections.nCopies(REPLICAS, new SavedMoments.Zero());
                for (int round = 1; round <= ROUNDS; round++) {
                    moments = training.round(round, (round - 1) * STEPS, 0, STEPS, moments).moments();
                    parameters.add(network.params().toFloatVector());
                    after.run(round);
                }
            }
        }
        return parameters;
    }
}
