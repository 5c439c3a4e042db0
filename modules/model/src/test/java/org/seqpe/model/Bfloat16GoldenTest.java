package org.seqpe.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.model.golden.Close;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.seqpe.StepPositions;

/** The whole model with products in bfloat16 against the reference's float64, on every unit that can be had here. */
class Bfloat16GoldenTest {
    /**
     * A number of bfloat16 is off by up to 1/512 of itself, and errors of many layers add up as in a random walk. The
     * largest errors found in these cases are in docs/devices.md.
     */
    private static final double LOSS = 5e-3;

    private static final double LOGITS = 4e-2;
    /** Of each array's largest gradient. Differences of nearly equal terms stand in the gradients of small arrays. */
    private static final double GRADIENTS = 0.1;

    /**
     * Large weights make this case sensitive: weights that are rounded once, with everything else in float32, change
     * its gradients by 0.11 already. The largest errors found are 0.40 on processors and 0.15 on the emulated GPU.
     */
    private static final String SENSITIVE = "vit_seqpe_attn_mul_multi";

    private static final double SENSITIVE_GRADIENTS = 0.5;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("gpt2")
    void logitsLossAndGradients(GoldenCase golden) {
        TestDevices.eachOfBfloat16(device -> {
            ModelSpec spec = GoldenModels.gpt2(golden);
            TestLanguageModel model = new TestLanguageModel(
                    spec,
                    GoldenModels.objective(golden),
                    GoldenModels.parameters(golden, ModelLayout.of(spec), device),
                    device);
            int batch = golden.config().get("batch").asInt();
            int length = golden.config().get("seq_len").asInt();
            int[] tokens = golden.ints("in/tokens");
            int[] labels = golden.ints("in/labels");
            boolean given = golden.has("in/positions");
            int windows = given ? golden.shape("in/positions")[0] : 1;
            int[] positions = given
                    ? golden.ints("in/positions")
                    : IntStream.range(0, length).toArray();
            long predicted = Arrays.stream(labels).filter(label -> label >= 0).count();
            Losses losses = model.lossAndGradient(
                    tokens, labels, batch, new StepPositions(positions, windows, null, null, 1), 1.0 / predicted, 1);
            double expected = golden.scalar("out/loss");
            Assertions.assertThat(losses.task()).isCloseTo(expected, Assertions.within(LOSS * expected));
            Close.assertClose(model.trainingLogits().toArray(), golden.doubles("out/logits"), LOGITS, "out/logits");
            GoldenModels.assertGradients(golden, model.parameters(), GRADIENTS);
        });
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("vit")
    void lossAndGradientsOfImages(GoldenCase golden) {
        TestDevices.eachOfBfloat16(device -> {
            ModelSpec spec = GoldenModels.vit(golden);
            TaskModel model = new TaskModel(
                    spec,
                    GoldenModels.objective(golden),
                    GoldenModels.parameters(golden, ModelLayout.of(spec), device),
                    device);
            int batch = golden.config().get("batch").asInt();
            boolean given = golden.has("in/positions") && spec.isSeqPe();
            Losses losses = model.lossAndGradient(
                    new Samples(
                            VitGoldenTest.patches(golden, "in/images", spec),
                            VitGoldenTest.labels(golden.ints("in/labels")),
                            0,
                            batch),
                    new StepPositions(
                            given ? golden.ints("in/positions") : spec.grid().positions(),
                            given ? golden.shape("in/positions")[0] : 1,
                            null,
                            null,
                            1),
                    batch,
                    1.0 / batch,
                    1);
            double expected = golden.scalar("out/loss");
            Assertions.assertThat(losses.task()).isCloseTo(expected, Assertions.within(LOSS * expected));
            GoldenModels.assertGradients(
                    golden, model.parameters(), golden.toString().equals(SENSITIVE) ? SENSITIVE_GRADIENTS : GRADIENTS);
        });
    }
}
