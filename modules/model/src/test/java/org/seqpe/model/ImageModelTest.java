package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.golden.Close;
import org.seqpe.model.image.ImageModel;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.image.Patches;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.seqpe.StepPositions;

/** What the golden image cases, which are square and free of dropout, stochastic depth and mixing, do not show. */
class ImageModelTest {
    private static final int CLASSES = 7;
    private static final int BATCH = 4;
    private static final Patches PATCHES = new Patches(2);
    private static final Grid GRID = new Grid(3, 4);

    private static ModelSpec spec(Encoding encoding, Apply apply, Projection projection, double dropPath) {
        SeqPeConfig seqpe = new SeqPeConfig(
                apply,
                projection,
                true,
                2,
                0,
                0,
                2,
                SeqPeConfig.Direction.CAUSAL,
                true,
                false,
                true,
                true,
                true,
                1,
                1,
                0.1,
                0,
                1,
                true);
        PositionConfig position = new PositionConfig(
                encoding,
                400,
                10,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        ModelConfig config = new ModelConfig(
                0, 16, 3, 2, 0, 0.1, 1e-6, 0.2, false, ModelConfig.Activation.GELU_ERF, dropPath, position);
        return new ModelSpec(config, new ImageTask(CLASSES, PATCHES, GRID, 0.1));
    }

    /** Without the transfer loss, whose two sides are trained against fixed ones and which has no plain gradient. */
    private static ObjectiveConfig objective() {
        return new ObjectiveConfig(
                new ObjectiveConfig.Contrastive(0.1, 4, 6, 16, 0.25, 0.5, 0.3),
                new ObjectiveConfig.Transfer(0, 3, 4, 0.8, ObjectiveConfig.Transfer.Metric.KL, 1, true),
                new ObjectiveConfig.Shift(0.5, 2, 20));
    }

    /** Two shares in one batch, a picture that was not mixed, and one without a class. */
    private static Samples samples() {
        RandomStream random = new RandomStream(7);
        float[] features = new float[BATCH * GRID.size() * PATCHES.elements()];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        float[] labels = {3, 5, 0.25f, 0, 6, 0.25f, 2, 2, 1, -1, -1, 1};
        return new Samples(features, labels, 0, BATCH);
    }

    /** Central differences along the gradient, as in GridModelTest. */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_MUL,MULTI",
        "SEQPE,ATTN_SCALAR,MULTI",
        "SEQPE,ATTN_ADD,SINGLE",
        "SEQPE,ATTN_ADD,NONE",
        "SEQPE,INPUT_ADD,NONE",
        "LEARNED,ATTN_MUL,NONE",
        "SINUSOIDAL,ATTN_MUL,NONE",
        "ROPE,ATTN_MUL,NONE",
        "ROPE_MIXED,ATTN_MUL,NONE",
        "NONE,ATTN_MUL,NONE"
    })
    void gradientIsThatOfTheLoss(Encoding encoding, Apply apply, Projection projection) {
        // The golden cases and the next test hold the other devices to the same gradients.
        try (Device device = new CpuDevice(2)) {
            ModelSpec spec = spec(encoding, apply, projection, 0.4);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(), parameters, device);
            PositionSampler sampler = new PositionSampler(spec, objective(), 5, 0);
            boolean shifted = false;
            boolean plain = false;
            for (int pass = 0; pass < 12 && !(shifted && plain); pass++) {
                StepPositions positions = sampler.draw(pass);
                shifted |= positions.windowCount() > 1;
                plain |= positions.windowCount() == 1;
                device.fill(parameters.gradients(), 0);
                lossOf(model, positions);
                float[] direction = parameters.gradients().toArray();
                double norm = LossSlope.norm(direction);
                for (int i = 0; i < direction.length; i++) {
                    direction[i] /= (float) norm;
                }
                double difference = LossSlope.along(parameters, direction, () -> lossOf(model, positions));
                assertThat(difference).as("slope of pass %d", pass).isCloseTo(norm, within(3e-3 * norm));
            }
            assertThat(plain).isTrue();
            assertThat(shifted).isEqualTo(encoding == Encoding.SEQPE);
        }
    }

    private static double lossOf(TaskModel model, StepPositions positions) {
        return model.lossAndGradient(samples(), positions, 3, 1.0 / 3, 1).total();
    }

    /** Every device leaves out the same branches of the same samples. */
    @Test
    void stochasticDepthIsTheSameEverywhere() {
        double[] expected = new double[1];
        float[][] gradients = new float[1][];
        TestDevices.each(device -> {
            ModelSpec spec = spec(Encoding.SEQPE, Apply.ATTN_MUL, Projection.MULTI, 0.5);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(), parameters, device);
            StepPositions positions = new PositionSampler(spec, objective(), 5, 0).draw(1);
            double loss = lossOf(model, positions);
            if (gradients[0] == null) {
                expected[0] = loss;
                gradients[0] = parameters.gradients().toArray();
                return;
            }
            assertThat(loss).isCloseTo(expected[0], within(1e-5));
            double[] first = new double[gradients[0].length];
            Arrays.setAll(first, i -> gradients[0][i]);
            Close.assertClose(parameters.gradients().toArray(), first, 2e-5, "gradient with stochastic depth");
        });
    }

    /** In training with a rate, a branch is left out for about that share of samples, and the mean stays. */
    @Test
    void stochasticDepthChangesTheLossAndEvaluationHasNone() {
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = spec(Encoding.NONE, Apply.ATTN_MUL, Projection.NONE, 0.5);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(), parameters, device);
            PositionSampler sampler = new PositionSampler(spec, objective(), 5, 0);
            assertThat(lossOf(model, sampler.draw(1))).isEqualTo(lossOf(model, sampler.draw(1)));
            assertThat(lossOf(model, sampler.draw(1))).isNotEqualTo(lossOf(model, sampler.draw(2)));
            float[] picture = new float[3 * 6 * 8];
            float[] first = new ImageModel(model).logits(picture, 1, 6, 8).toArray();
            lossOf(model, sampler.draw(3));
            assertThat(new ImageModel(model).logits(picture, 1, 6, 8).toArray()).isEqualTo(first);
        }
    }

    /** A picture's logits do not depend on the pictures beside it, nor on those of other sizes before it. */
    @ParameterizedTest
    @CsvSource({"SEQPE", "LEARNED", "SINUSOIDAL", "ROPE", "ROPE_MIXED", "NONE"})
    void picturesOfAnySizeAreEvaluatedAlone(Encoding encoding) {
        TestDevices.eachOfThisMachine(device -> {
            ModelSpec spec = spec(encoding, Apply.ATTN_MUL, Projection.MULTI, 0);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            ImageModel model = new ImageModel(new TaskModel(spec, objective(), parameters, device));
            RandomStream random = new RandomStream(1);
            for (int[] size : List.of(new int[] {6, 8}, new int[] {12, 10}, new int[] {2, 14}, new int[] {6, 8})) {
                int picture = 3 * size[0] * size[1];
                float[] pictures = new float[3 * picture];
                for (int i = 0; i < pictures.length; i++) {
                    pictures[i] = (float) random.nextGaussian();
                }
                float[] together = model.logits(pictures, 3, size[0], size[1]).toArray();
                for (int i = 0; i < 3; i++) {
                    float[] alone = model.logits(
                                    Arrays.copyOfRange(pictures, i * picture, (i + 1) * picture), 1, size[0], size[1])
                            .toArray();
                    double[] expected = new double[CLASSES];
                    for (int k = 0; k < CLASSES; k++) {
                        expected[k] = together[i * CLASSES + k];
                    }
                    Close.assertClose(alone, expected, 1e-5, "picture " + i + " of " + size[0] + " x " + size[1]);
                }
            }
        });
    }

    @Test
    void sizesThatCannotBeReadAreRefused() {
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = spec(Encoding.SEQPE, Apply.ATTN_MUL, Projection.MULTI, 0);
            ImageModel model = new ImageModel(
                    new TaskModel(spec, objective(), Parameters.allocate(ModelLayout.of(spec), device), device));
            assertThat(model.refusal(40, 40)).isEmpty();
            assertThat(model.refusal(42, 40))
                    .get()
                    .asString()
                    .contains("21 x 20")
                    .contains("below 20");
            assertThat(model.refusal(5, 8)).get().asString().contains("2 x 2 pixels do not divide pictures of 5 x 8");
            assertThatIllegalArgumentException().isThrownBy(() -> model.logits(new float[3 * 42 * 40], 1, 42, 40));
        }
    }

    /** Mixed RoPE begins with two directions at right angles in each head, of the axial form's frequencies. */
    @Test
    void frequenciesOfMixedRopeBeginAtRightAngles() {
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = spec(Encoding.ROPE_MIXED, Apply.ATTN_MUL, Projection.NONE, 0);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            float[] values = parameters.weight("rope_freqs").value().toArray();
            int half = values.length / 2;
            assertThat(values).hasSize(2 * 3 * 2 * 4);
            for (int head = 0; head < 3 * 2; head++) {
                for (int i = 0; i < 2; i++) {
                    int first = head * 4 + i;
                    int second = first + 2;
                    double magnitude = Math.pow(10, -4.0 * i / 8);
                    assertThat(Math.hypot(values[first], values[half + first])).isCloseTo(magnitude, within(1e-6));
                    assertThat(Math.hypot(values[second], values[half + second]))
                            .isCloseTo(magnitude, within(1e-6));
                    assertThat((double) values[first] * values[second] + values[half + first] * values[half + second])
                            .isCloseTo(0, within(1e-6));
                }
            }
            assertThat(values[0]).isNotEqualTo(values[4]);
        }
    }
}
