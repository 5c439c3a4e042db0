package org.seqpe.model.dl4j;

import static org.seqpe.model.dl4j.NetworkFixtures.BATCH;
import static org.seqpe.model.dl4j.NetworkFixtures.dataSet;
import static org.seqpe.model.dl4j.NetworkFixtures.fit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.OptimizerConfig.Schedule.Shape;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.ModelFixtures;

/** The network as DL4J's own container sees it. */
class SeqPeNetworkTest {
    private static final int STEPS = 6;

    @AfterEach
    void forgetDevice() {
        TrainingDevice.use(null);
    }

    /** The two ways to make a network differ in its starting values alone. */
    @Test
    void aNetworkWhoseValuesAreSetTrainsLikeOneThatDrewThem() {
        LayerSettings settings = NetworkFixtures.settings(Encoding.ROPE, Apply.ATTN_SCALAR, Projection.SINGLE, 3);
        MultiLayerNetwork drawn = SeqPeNetworks.create(settings);
        MultiLayerNetwork set = SeqPeNetworks.createUndrawn(settings);
        set.params().assign(drawn.params());
        NetworkFixtures.fit(drawn, 0, 3);
        NetworkFixtures.fit(set, 0, 3);
        Assertions.assertThat(set.params().toFloatVector())
                .isEqualTo(drawn.params().toFloatVector());
    }

    @Test
    void trainingRepeatsBitwiseOnAnyNumberOfThreads() {
        float[] once = trained(1, 0, STEPS);
        Assertions.assertThat(trained(1, 0, STEPS)).isEqualTo(once);
        Assertions.assertThat(trained(2, 0, STEPS)).isEqualTo(once);
        Assertions.assertThat(trained(3, 0, STEPS)).isEqualTo(once);
    }

    @Test
    void replicasDrawOtherPositionsAndMasks() {
        Assertions.assertThat(trained(1, 1, STEPS)).isNotEqualTo(trained(1, 0, STEPS));
    }

    @Test
    void aNetworkSavedByDl4jGoesOnBitwise(@TempDir Path folder) throws IOException {
        try (Device device = new CpuDevice(1)) {
            TrainingDevice.use(device);
            MultiLayerNetwork network = network();
            fit(network, 0, 3);
            File file = folder.resolve("network.zip").toFile();
            ModelSerializer.writeModel(network, file, true);
            fit(network, 3, STEPS);

            MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(file, true);
            Assertions.assertThat(restored.getIterationCount()).isEqualTo(3);
            fit(restored, 3, STEPS);
            Assertions.assertThat(restored.params().toFloatVector())
                    .isEqualTo(network.params().toFloatVector());
        }
    }

    @Test
    void theConfigurationSurvivesJson() {
        MultiLayerConfiguration configuration = SeqPeNetworks.configuration(settings());
        MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());
        Assertions.assertThat(((SeqPeTransformerLayer) read.getConf(0).getLayer()).settings())
                .isEqualTo(settings());
    }

    @Test
    void lossFalls() {
        try (Device device = new CpuDevice(1)) {
            TrainingDevice.use(device);
            MultiLayerNetwork network = network();
            DataSet same = dataSet(0);
            network.fit(same);
            double first = SeqPeNetworks.layer(network).score();
            for (int i = 0; i < STEPS - 1; i++) {
                network.fit(same);
            }
            Assertions.assertThat(SeqPeNetworks.layer(network).score()).isLessThan(first - 0.1);
            Assertions.assertThat(SeqPeNetworks.layer(network).report().losses().weight())
                    .isEqualTo(BATCH * ModelFixtures.LENGTH);
        }
    }

    @Test
    void aDataSetOfAnotherShapeIsRefused() {
        try (Device device = new CpuDevice(1)) {
            TrainingDevice.use(device);
            DataSet wrong = new DataSet(
                    Nd4j.zeros(BATCH + 1, ModelFixtures.LENGTH), Nd4j.zeros(BATCH + 1, ModelFixtures.LENGTH));
            MultiLayerNetwork network = network();
            Assertions.assertThatThrownBy(() -> network.fit(wrong))
                    .hasStackTraceContaining("expected features and labels of a multiple of 4 rows");
        }
    }

    @Test
    void schedulesRiseAndFall() {
        WarmupSchedule linear = new WarmupSchedule(Shape.LINEAR, 2, 4, 12, 0);
        Assertions.assertThat(new double[] {
                    linear.valueAt(0, 0),
                    linear.valueAt(2, 0),
                    linear.valueAt(4, 0),
                    linear.valueAt(8, 0),
                    linear.valueAt(12, 0)
                })
                .containsExactly(0, 1, 2, 1, 0);
        WarmupSchedule cosine = new WarmupSchedule(Shape.COSINE, 1, 0, 10, 0.1);
        Assertions.assertThat(cosine.valueAt(0, 0)).isEqualTo(1);
        Assertions.assertThat(cosine.valueAt(5, 0)).isCloseTo(0.55, Assertions.within(1e-12));
        Assertions.assertThat(cosine.valueAt(10, 0)).isCloseTo(0.1, Assertions.within(1e-12));
        Assertions.assertThat(new WarmupSchedule(Shape.CONSTANT, 3, 0, 5, 0).valueAt(4, 0))
                .isEqualTo(3);
    }

    private static float[] trained(int threads, int replica, int steps) {
        try (Device device = new CpuDevice(threads)) {
            TrainingDevice.use(device);
            MultiLayerNetwork network = network();
            SeqPeNetworks.layer(network).setReplica(replica);
            fit(network, 0, steps);
            return network.params().toFloatVector();
        }
    }

    private static MultiLayerNetwork network() {
        return SeqPeNetworks.create(settings());
    }

    private static LayerSettings settings() {
        return NetworkFixtures.settings(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, STEPS);
    }
}
