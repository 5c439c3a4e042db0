package org.seqpe.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.seqpe.model.dl4j.NetworkFixtures.fit;

import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;

/**
 * Training on a device that is neither host memory nor ND4J nor synchronous: two rounds of steps give the bits of the
 * device behind it, and DL4J's vectors change at the edges of a round only.
 */
class ForeignDeviceTest {
    private static final int STEPS = 5;

    @AfterEach
    void forgetDevice() {
        TrainingDevice.use(null);
    }

    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_MUL,MULTI",
        "ROPE,ATTN_SCALAR,SINGLE",
        "LEARNED,ATTN_SCALAR,SINGLE"
    })
    void trainsLikeTheDeviceBehindIt(Encoding encoding, Apply apply, Projection projection) {
        LayerSettings settings = NetworkFixtures.settings(encoding, apply, projection, 2 * STEPS);
        float[] expected;
        float[] expectedMoments;
        try (Device device = new CpuDevice(2)) {
            TrainingDevice.use(device);
            MultiLayerNetwork network = SeqPeNetworks.create(settings);
            fit(network, 0, 2 * STEPS);
            expected = network.params().toFloatVector();
            expectedMoments =
                    network.getUpdater().getStateViewArray().dup().data().asFloat();
        }
        try (Device device = ForeignDevice.over(new CpuDevice(2))) {
            TrainingDevice.use(device);
            MultiLayerNetwork network = SeqPeNetworks.create(settings);
            SeqPeTransformer layer = SeqPeNetworks.layer(network);
            for (int round = 0; round < 2; round++) {
                layer.pull();
                float[] before = network.params().toFloatVector();
                fit(network, round * STEPS, (round + 1) * STEPS);
                assertThat(Arrays.equals(network.params().toFloatVector(), before))
                        .as("DL4J's vector is left alone during a round")
                        .isTrue();
                layer.push();
            }
            assertThat(Arrays.equals(network.params().toFloatVector(), expected))
                    .as("parameters are bitwise the same")
                    .isTrue();
            assertThat(Arrays.equals(
                            network.getUpdater()
                                    .getStateViewArray()
                                    .dup()
                                    .data()
                                    .asFloat(),
                            expectedMoments))
                    .as("moments are bitwise the same")
                    .isTrue();
        }
    }
}
