package org.seqpe.model.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.Precision;
import org.seqpe.compute.cuda.EmulatedCuda;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;

/** Training on an emulated GPU, whose work runs when somebody waits for it. */
@EnabledIf("org.seqpe.compute.cuda.EmulatedCuda#isAvailable")
class CudaTrainingTest {
    private static final int STEPS = 3;

    @AfterEach
    void stop() {
        TrainingDevice.use(null);
        EmulatedCuda.set("seed", 1);
        EmulatedCuda.stop();
    }

    /** The host is never kept from asking for the next step, and reads a step's losses with one wait. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void stepsDoNotWait(Precision precision) {
        try (Device device = EmulatedCuda.newDevice(precision)) {
            EmulatedCuda.set("seed", 0);
            TrainingDevice.use(device);
            MultiLayerNetwork network = SeqPeNetworks.create(
                    NetworkFixtures.settings(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, 2 * STEPS));
            SeqPeTransformer layer = SeqPeNetworks.layer(network);
            NetworkFixtures.fit(network, 0, STEPS);
            List<Double> losses = new ArrayList<>();
            PendingReport last = layer.pendingReport();
            for (int step = STEPS; step < 2 * STEPS; step++) {
                long waits = EmulatedCuda.get("waits");
                NetworkFixtures.fit(network, step, step + 1);
                assertThat(EmulatedCuda.get("waits"))
                        .as("waits of step %d", step)
                        .isEqualTo(waits);
                losses.add(last.read().losses().total());
                assertThat(EmulatedCuda.get("waits")).as("waits for the losses").isEqualTo(waits + 1);
                assertThat(EmulatedCuda.get("queued"))
                        .as("work of the next step")
                        .isPositive();
                last = layer.pendingReport();
            }
            assertThat(losses).doesNotHaveDuplicates().allMatch(Double::isFinite);
        }
    }

    /** The same bits whenever work runs, and as often as it is repeated. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void trainingRepeats(Precision precision) {
        List<float[]> results = new ArrayList<>();
        for (int seed : new int[] {0, 0, 5}) {
            try (Device device = EmulatedCuda.newDevice(precision)) {
                EmulatedCuda.set("seed", seed);
                TrainingDevice.use(device);
                MultiLayerNetwork network = SeqPeNetworks.create(
                        NetworkFixtures.settings(Encoding.SEQPE, Apply.ATTN_MUL, Projection.MULTI, STEPS));
                NetworkFixtures.fit(network, 0, STEPS);
                SeqPeNetworks.layer(network).push();
                results.add(network.params().toFloatVector());
            }
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(2)).isEqualTo(results.get(0));
    }
}
