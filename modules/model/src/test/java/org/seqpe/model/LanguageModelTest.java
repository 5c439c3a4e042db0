package org.seqpe.model;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.golden.Close;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.task.Tasks;

/** What golden vectors, which are free of dropout and of our samplers, do not show. */
class LanguageModelTest {
    private static final int BATCH = 4;

    /**
     * The gradient along a random direction against the loss's central difference of fourth order (dot products of
     * position vectors make the loss strongly curved). Float32 losses carry errors of about 1e-6; at a step of 5e-3 and
     * slopes of order 1 that leaves about three digits.
     */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_MUL,MULTI",
        "SEQPE,ATTN_ADD,MULTI",
        "SEQPE,INPUT_ADD,NONE",
        "SEQPE,ATTN_SCALAR,NONE",
        "ROPE,ATTN_SCALAR,SINGLE",
        "ALIBI,ATTN_SCALAR,SINGLE",
        "SINUSOIDAL,ATTN_SCALAR,SINGLE",
        "LEARNED,ATTN_SCALAR,SINGLE",
        "NONE,ATTN_SCALAR,SINGLE"
    })
    void gradientWithDropoutIsThatOfTheLoss(Encoding encoding, Apply apply, Projection projection) {
        TestDevices.each(device -> {
            ModelSpec spec = Tasks.spec(ModelFixtures.model(encoding, apply, projection, 0.2), ModelFixtures.LENGTH);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            // Both directions of the transfer loss hold one side fixed, so only beta = 1 with the teacher's part is a
            // plain gradient; leave it out.
            ObjectiveConfig objective = withoutTransfer();
            TestLanguageModel model = new TestLanguageModel(spec, objective, parameters, device);
            PositionSampler sampler = new PositionSampler(spec, objective, 5, 0);
            int[] tokens = ModelFixtures.tokens(7, BATCH * ModelFixtures.LENGTH);
            int[] targets = ModelFixtures.tokens(8, BATCH * ModelFixtures.LENGTH);
            StepPositions positions = sampler.draw(0);

            double factor = 1.0 / tokens.length;
            DoubleSupplier loss = () -> model.lossAndGradient(tokens, targets, BATCH, positions, factor, 1)
                    .total();
            model.lossAndGradient(tokens, targets, BATCH, positions, factor, 1);
            float[] gradient = parameters.gradients().toArray();
            float[] direction = direction(gradient);
            double slope = 0;
            for (int i = 0; i < gradient.length; i++) {
                slope += (double) gradient[i] * direction[i];
            }
            double difference = LossSlope.along(parameters, direction, loss);
            Assertions.assertThat(slope)
                    .as("slope of " + encoding + " " + apply)
                    .isCloseTo(difference, Assertions.within(3e-3 * Math.abs(difference)));
        });
    }

    @Test
    void gradientsOfBatchesAddUpToThatOfAllOfThem() {
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = Tasks.spec(
                    ModelFixtures.model(Encoding.ROPE, Apply.ATTN_SCALAR, Projection.SINGLE, 0), ModelFixtures.LENGTH);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TestLanguageModel model = new TestLanguageModel(spec, ModelFixtures.objective(), parameters, device);
            int[] tokens = ModelFixtures.tokens(7, BATCH * ModelFixtures.LENGTH);
            int[] targets = ModelFixtures.tokens(8, BATCH * ModelFixtures.LENGTH);
            int[] positions = IntStream.range(0, ModelFixtures.LENGTH).toArray();
            double factor = 1.0 / tokens.length;
            model.lossAndGradient(tokens, targets, BATCH, new StepPositions(positions, 1, null, null, 0), factor, 1);
            float[] whole = parameters.gradients().toArray();
            device.fill(parameters.gradients(), 0);
            int half = tokens.length / 2;
            for (int from = 0; from < tokens.length; from += half) {
                model.lossAndGradient(
                        Arrays.copyOfRange(tokens, from, from + half),
                        Arrays.copyOfRange(targets, from, from + half),
                        BATCH / 2,
                        new StepPositions(positions, 1, null, null, 0),
                        factor,
                        1);
            }
            double[] expected = new double[whole.length];
            for (int i = 0; i < whole.length; i++) {
                expected[i] = whole[i];
            }
            Close.assertClose(parameters.gradients().toArray(), expected, 1e-5, "accumulated gradient");
        }
    }

    @Test
    void lossesOfAWindowDoNotDependOnItsNeighboursInTheBatch() {
        try (Device device = new CpuDevice(2)) {
            ModelSpec spec = Tasks.spec(
                    ModelFixtures.model(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, 0.1),
                    ModelFixtures.LENGTH);
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TestLanguageModel model = new TestLanguageModel(spec, ModelFixtures.objective(), parameters, device);
            int length = 33;
            int[] tokens = ModelFixtures.tokens(7, 3 * length);
            int[] targets = ModelFixtures.tokens(8, 3 * length);
            float[] together = model.losses(tokens, targets, 3, length, length).clone();
            for (int b = 0; b < 3; b++) {
                float[] alone = model.losses(
                        Arrays.copyOfRange(tokens, b * length, (b + 1) * length),
                        Arrays.copyOfRange(targets, b * length, (b + 1) * length),
                        1,
                        length,
                        length);
                for (int i = 0; i < length; i++) {
                    Assertions.assertThat(alone[i]).isCloseTo(together[b * length + i], Assertions.within(1e-5f));
                }
            }
        }
    }

    @Test
    void positionsThatDoNotExistAreRefused() {
        try (Device device = new CpuDevice(1)) {
            ModelSpec spec = Tasks.spec(
                    ModelFixtures.model(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, 0), ModelFixtures.LENGTH);
            TestLanguageModel model = new TestLanguageModel(
                    spec, ModelFixtures.objective(), Parameters.allocate(ModelLayout.of(spec), device), device);
            Assertions.assertThat(model.refusal(500)).isEmpty();
            Assertions.assertThat(model.refusal(501))
                    .hasValueSatisfying(reason ->
                            Assertions.assertThat(reason).contains("501").contains("max-position"));
            int[] tokens = ModelFixtures.tokens(1, 501);
            Assertions.assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.losses(tokens, tokens, 1, 501, 501))
                    .withMessageContaining("500");
        }
    }

    /** A unit direction near the gradient, so that the slope is not lost in rounding. */
    private static float[] direction(float[] gradient) {
        RandomStream random = new RandomStream(11);
        double gradientNorm = LossSlope.norm(gradient);
        float[] direction = new float[gradient.length];
        for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) (gradient[i] / gradientNorm + random.nextGaussian() / Math.sqrt(gradient.length));
        }
        double length = LossSlope.norm(direction);
        for (int i = 0; i < direction.length; i++) {
            direction[i] /= (float) length;
        }
        return direction;
    }

    private static ObjectiveConfig withoutTransfer() {
        ObjectiveConfig all = ModelFixtures.objective();
        return new ObjectiveConfig(
                all.contrastive(),
                new ObjectiveConfig.Transfer(0, 1, 2, 1, all.transfer().metric(), 1, true),
                all.shift());
    }
}
