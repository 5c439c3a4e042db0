package org.seqpe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.seqpe.compute.Device;
import org.seqpe.compute.cpu.CpuDevice;
import org.seqpe.core.config.AnswerConfig.Positions;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.golden.Close;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.qa.AnswerTask;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.task.Tasks;

/** Examples of different lengths in one batch, against each of them alone. */
class AnswerTaskTest {
    private static final int LENGTH = 23;
    private static final int[] LENGTHS = {9, 17, 3, 13};
    private static final int[] ANSWERS = {2, 1, 1, 4};

    /** Rows of features: an example's tokens, then padding. */
    private static int[] features() {
        int[] features = new int[LENGTHS.length * LENGTH];
        Arrays.fill(features, AnswerTask.PADDING);
        for (int i = 0; i < LENGTHS.length; i++) {
            System.arraycopy(ModelFixtures.tokens(i, LENGTHS[i]), 0, features, i * LENGTH, LENGTHS[i]);
        }
        return features;
    }

    /** Rows of labels: those of the last tokens only. */
    private static int[] labels() {
        int[] labels = new int[LENGTHS.length * LENGTH];
        Arrays.fill(labels, -1);
        for (int i = 0; i < LENGTHS.length; i++) {
            int from = LENGTHS[i] - ANSWERS[i];
            System.arraycopy(ModelFixtures.tokens(100 + i, ANSWERS[i]), 0, labels, i * LENGTH + from, ANSWERS[i]);
        }
        return labels;
    }

    /**
     * The reference pads on the left: an example of n tokens in a batch whose longest has N stands at positions N - n
     * to N - 1. The loop gives each example alone these positions.
     */
    @ParameterizedTest
    @CsvSource({
        "SEQPE,ATTN_SCALAR,SINGLE",
        "SEQPE,ATTN_SCALAR,NONE",
        "SEQPE,ATTN_MUL,MULTI",
        "SEQPE,INPUT_ADD,NONE",
        "ROPE,ATTN_SCALAR,SINGLE",
        "ALIBI,ATTN_SCALAR,SINGLE",
        "SINUSOIDAL,ATTN_SCALAR,SINGLE",
        "NONE,ATTN_SCALAR,SINGLE"
    })
    void aBatchIsTheSumOfItsExamplesWhereLeftPaddingPutsThem(Encoding encoding, Apply apply, Projection projection) {
        TestDevices.each(device -> {
            for (Positions from : Positions.values()) {
                ModelConfig config = ModelFixtures.model(encoding, apply, projection, 0);
                ModelSpec spec = new ModelSpec(config, new AnswerTask(ModelFixtures.VOCABULARY, LENGTH, from, 4));
                Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
                parameters.initialize(3);
                int labelled = Arrays.stream(ANSWERS).sum();
                TaskModel model = new TaskModel(spec, ModelFixtures.objective(), parameters, device);
                Losses losses = model.lossAndGradient(
                        Samples.of(features(), labels(), LENGTHS.length),
                        new StepPositions(IntStream.range(0, LENGTH).toArray(), 1, null, null, 0),
                        labelled,
                        1.0 / labelled,
                        1);
                float[] together = parameters.gradients().toArray();

                device.fill(parameters.gradients(), 0);
                double sum = 0;
                for (int i = 0; i < LENGTHS.length; i++) {
                    int before = from == Positions.BATCH ? 17 - LENGTHS[i] : 0;
                    TestLanguageModel alone = new TestLanguageModel(
                            Tasks.spec(config, LENGTHS[i]), ModelFixtures.objective(), parameters, device);
                    sum += alone.lossAndGradient(
                                            example(features(), i),
                                            example(labels(), i),
                                            1,
                                            new StepPositions(
                                                    IntStream.range(before, before + LENGTHS[i])
                                                            .toArray(),
                                                    1,
                                                    null,
                                                    null,
                                                    0),
                                            1.0 / labelled,
                                            1)
                                    .task()
                            * ANSWERS[i];
                }
                assertThat(losses.task()).isCloseTo(sum / labelled, within(1e-5));
                double[] expected = new double[together.length];
                float[] added = parameters.gradients().toArray();
                for (int k = 0; k < added.length; k++) {
                    expected[k] = added[k];
                }
                // Float32 sums in another order.
                Close.assertClose(together, expected, 2e-5, "gradient of " + encoding + ", positions of " + from);
            }
        });
    }

    private static int[] example(int[] rows, int i) {
        return Arrays.copyOfRange(rows, i * LENGTH, i * LENGTH + LENGTHS[i]);
    }

    /** Two shifted windows take turns; an example's offset is counted inside its window. */
    @Test
    void examplesMoveInsideShiftedWindows() {
        try (Device device = new CpuDevice(2)) {
            ModelConfig config = ModelFixtures.model(Encoding.SEQPE, Apply.ATTN_SCALAR, Projection.SINGLE, 0);
            ModelSpec spec =
                    new ModelSpec(config, new AnswerTask(ModelFixtures.VOCABULARY, LENGTH, Positions.BATCH, 1));
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, ModelFixtures.objective(), parameters, device);
            int[] starts = {40, 200};
            int[] windows = IntStream.concat(
                            IntStream.range(starts[0], starts[0] + LENGTH),
                            IntStream.range(starts[1], starts[1] + LENGTH))
                    .toArray();
            int labelled = Arrays.stream(ANSWERS).sum();
            double together = model.lossAndGradient(
                            Samples.of(features(), labels(), LENGTHS.length),
                            new StepPositions(windows, 2, null, null, 0),
                            labelled,
                            1.0 / labelled,
                            1)
                    .task();
            double sum = 0;
            for (int i = 0; i < LENGTHS.length; i++) {
                int before = starts[i % 2] + 17 - LENGTHS[i];
                int[] positions = IntStream.range(before, before + LENGTHS[i]).toArray();
                TestLanguageModel alone = new TestLanguageModel(
                        Tasks.spec(config, LENGTHS[i]), ModelFixtures.objective(), parameters, device);
                sum += ANSWERS[i]
                        * alone.lossAndGradient(
                                        example(features(), i),
                                        example(labels(), i),
                                        1,
                                        new StepPositions(positions, 1, null, null, 0),
                                        1,
                                        1)
                                .task();
            }
            assertThat(together).isCloseTo(sum / labelled, within(1e-5));
        }
    }

    /** A batch may have no label at all, for example one whose answers were all cut off. */
    @Test
    void aBatchWithoutLabelsHasNoGradient() {
        TestDevices.each(device -> {
            ModelSpec spec = new ModelSpec(
                    ModelFixtures.model(Encoding.ROPE, Apply.ATTN_SCALAR, Projection.SINGLE, 0),
                    new AnswerTask(ModelFixtures.VOCABULARY, LENGTH, Positions.BATCH));
            Parameters parameters = Parameters.allocate(ModelLayout.of(spec), device);
            parameters.initialize(3);
            TaskModel model = new TaskModel(spec, ModelFixtures.objective(), parameters, device);
            int[] none = new int[LENGTHS.length * LENGTH];
            Arrays.fill(none, -1);
            model.lossAndGradient(
                    Samples.of(features(), none, LENGTHS.length),
                    new StepPositions(IntStream.range(0, LENGTH).toArray(), 1, null, null, 0),
                    0,
                    0,
                    1);
            for (float value : parameters.gradients().toArray()) {
                assertThat(value).isZero();
            }
        });
    }
}
