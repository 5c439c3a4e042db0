package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.core.random.RandomStream;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.seqpe.StepPositions;

/**
 * Positions of two coordinates on the whole way: sampler, encoder, trunk, objective, gradients and evaluation on a
 * larger grid.
 */
class GridModelTest {
    private static final Grid GRID = new Grid(3, 4);
    private static final int COLOURS = 5;
    private static final int BATCH = 4;

    private static ModelConfig config(Encoding encoding, Apply apply, Projection projection) {
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
                0.1,
                1,
                true);
        PositionConfig position = new PositionConfig(
                encoding,
                400,
                10000,
                PositionConfig.AlibiScaling.PUBLISHED,
                0,
                PositionConfig.MixedTable.PUBLISHED,
                seqpe);
        return new ModelConfig(0, 12, 2, 3, 0, 0.1, 1e-5, 0.2, true, ModelConfig.Activation.GELU_TANH, 0, position);
    }

    /** Without the transfer loss, whose two sides are trained against fixed ones and which has no plain gradient. */
    private static ObjectiveConfig objective(double transferWeight) {
        return new ObjectiveConfig(
                new ObjectiveConfig.Contrastive(0.1, 4, 6, 16, 0.25, 0, 0.4),
                new ObjectiveConfig.Transfer(transferWeight, 3, 4, 0.8, ObjectiveConfig.Transfer.Metric.KL, 1, true),
                new ObjectiveConfig.Shift(0.5, 2, 20));
    }

    private static Samples samples(long seed) {
        RandomStream random = new RandomStream(seed);
        int[] cells = new int[BATCH * GRID.size()];
        int[] labels = new int[cells.length];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = random.nextInt(COLOURS);
            labels[i] = random.nextInt(COLOURS);
        }
        return Samples.of(cells, labels, BATCH);
    }

    /**
     * Central differences of fourth order at a step of 5e-3 along the gradient, as in LanguageModelTest; float32 losses
     * leave about three digits.
     */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_MUL,MULTI",
        "SEQPE,ATTN_ADD,NONE",
        "SEQPE,INPUT_ADD,NONE",
        "NONE,ATTN_SCALAR,SINGLE"
    })
    void gradientIsThatOfTheLoss(Encoding encoding, Apply apply, Projection projection) {
        TestDevices.eachOfThisMachine(device -> {
            ModelSpec spec = new ModelSpec(config(encoding, apply, projection), new GridTask(COLOURS, GRID));
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(0), parameters, device);
            PositionSampler sampler = new PositionSampler(spec, objective(0), 5, 0);
            boolean shifted = false;
            boolean plain = false;
            for (int pass = 0; pass < 12 && !(shifted && plain); pass++) {
                StepPositions positions = sampler.draw(pass);
                if (positions.windowCount() > 1 ? shifted : plain) {
                    continue; // One pass of each kind says what several would.
                }
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
        });
    }

    private static double lossOf(TaskModel model, StepPositions positions) {
        return model.lossAndGradient(samples(7), positions, (long) BATCH * GRID.size(), 1.0 / (BATCH * GRID.size()), 1)
                .total();
    }

    @Test
    void bothPositionLossesAreMeasured() {
        TestDevices.eachOfThisMachine(device -> {
            ModelSpec spec = new ModelSpec(
                    config(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE), new GridTask(COLOURS, GRID));
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(0.1), parameters, device);
            PositionSampler sampler = new PositionSampler(spec, objective(0.1), 5, 0);
            for (int pass = 0; pass < 8; pass++) {
                StepPositions positions = sampler.draw(pass);
                Losses losses = model.lossAndGradient(
                        samples(pass), positions, (long) BATCH * GRID.size(), 1.0 / (BATCH * GRID.size()), 1);
                assertThat(losses.contrastive()).isPositive();
                assertThat(Double.isNaN(losses.transfer())).isEqualTo(positions.windowCount() > 1);
                assertThat(losses.total()).isFinite();
            }
        });
    }

    /**
     * Cells that two grids have in common have the same vectors, and the model reads grids that it was not trained on.
     */
    @Test
    void evaluatesOnALargerGrid() {
        TestDevices.each(device -> {
            ModelSpec spec = new ModelSpec(
                    config(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE), new GridTask(COLOURS, GRID));
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, objective(0), parameters, device);
            Grid large = new Grid(7, 9);
            model.layers().begin(Samples.of(new int[large.size()], new int[large.size()], 1));
            Tensor hidden = model.evaluate(1, large, large);
            assertThat(hidden.shape()).containsExactly(63, 12);
            assertThat(model.refusal(new Grid(20, 20))).isEmpty();
            assertThat(model.refusal(new Grid(2, 21)))
                    .hasValueSatisfying(
                            reason -> assertThat(reason).contains("2 x 21").contains("below 20"));
        });
    }

    @Test
    void encodingsOfAnotherNumberOfDimensionsAreRefused() {
        ModelSpec sequence = new ModelSpec(
                config(Encoding.ALIBI, Apply.ATTN_SCALAR, Projection.SINGLE), new GridTask(COLOURS, GRID));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelLayout.of(sequence))
                .withMessageContaining("at most 1 dimensions for the encoding ALIBI")
                .withMessageContaining("[3, 4]");
        ModelSpec grid = new ModelSpec(
                config(Encoding.ROPE_MIXED, Apply.ATTN_SCALAR, Projection.SINGLE), new GridTask(COLOURS, new Grid(12)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelLayout.of(grid))
                .withMessageContaining("at least 2 dimensions for the encoding ROPE_MIXED");
    }
}
