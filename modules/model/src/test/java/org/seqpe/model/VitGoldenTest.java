package org.seqpe.model;

import java.util.Arrays;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.compute.Device;
import org.seqpe.model.golden.Close;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSet;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.image.ImageModel;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.image.Patches;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.seqpe.StepPositions;

/** The Vision Transformer against the reference's: logits, losses, every gradient, and evaluation at another size. */
class VitGoldenTest {
    /** Float32 against the reference's float64; relative to an array's largest magnitude. */
    private static final double TOLERANCE = 1e-5;

    /** As in Gpt2GoldenTest: gradients are sums in which large terms cancel. */
    private static final double GRADIENT_TOLERANCE = 2e-5;

    @Test
    void thereAreImageCases() {
        Assertions.assertThat(GoldenSet.current().cases("vit")).isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("vit")
    void logitsLossAndGradients(GoldenCase golden) {
        TestDevices.each(device -> {
            ModelSpec spec = GoldenModels.vit(golden);
            TaskModel model = model(golden, spec, device);
            int batch = golden.config().get("batch").asInt();
            float[] patches = patches(golden, "in/images", spec);
            // A case without given positions, or with those of an encoding that counts along a line, has the first
            // grid.
            boolean given = golden.has("in/positions") && spec.isSeqPe();
            int[] positions = given ? golden.ints("in/positions") : spec.grid().positions();
            int windows = given ? golden.shape("in/positions")[0] : 1;
            Losses losses = model.lossAndGradient(
                    new Samples(patches, labels(golden.ints("in/labels")), 0, batch),
                    new StepPositions(positions, windows, null, null, 1),
                    batch,
                    1.0 / batch,
                    1);
            assertClose(losses.task(), golden.scalar("out/loss"), "out/loss");
            GoldenModels.assertGradients(golden, model.parameters(), GRADIENT_TOLERANCE);
            if (windows == 1) {
                int[] size = golden.shape("in/images");
                Close.assertClose(
                        new ImageModel(model)
                                .logits(golden.floats("in/images"), batch, size[2], size[3])
                                .toArray(),
                        golden.doubles("out/logits"),
                        TOLERANCE,
                        "out/logits");
            }
        });
    }

    /** Mixed pictures have two classes: the reference's soft targets and its label smoothing. */
    @ParameterizedTest(name = "{0}")
    @GoldenSource("vit")
    void softTargets(GoldenCase golden) {
        if (!golden.has("in/soft_targets")) {
            return;
        }
        TestDevices.each(device -> {
            ModelSpec plain = GoldenModels.vit(golden);
            int batch = golden.config().get("batch").asInt();
            float[] patches = patches(golden, "in/images", plain);
            ImageTask task = (ImageTask) plain.task();
            ModelSpec smoothed =
                    new ModelSpec(plain.config(), new ImageTask(task.classes(), task.patches(), task.grid(), 0.1));
            StepPositions positions = new StepPositions(plain.grid().positions(), 1, null, null, 1);
            Samples samples = new Samples(patches, labels(golden.ints("in/labels")), 0, batch);
            assertClose(
                    model(golden, smoothed, device)
                            .lossAndGradient(samples, positions, batch, 1.0 / batch, 1)
                            .task(),
                    golden.scalar("out/smooth_loss"),
                    "out/smooth_loss");
            double[] targets = golden.doubles("in/soft_targets");
            assertClose(
                    softLoss(model(golden, plain, device), patches, targets, batch, task.classes(), positions),
                    golden.scalar("out/soft_loss"),
                    "out/soft_loss");
        });
    }

    /**
     * The loss of targets that are any distribution, put together from losses of pairs of classes: a target with the
     * weights w is the sum of w_k times the loss of class k, and the loss of a pair is linear in its share.
     */
    private static double softLoss(
            TaskModel model, float[] patches, double[] targets, int batch, int classes, StepPositions positions) {
        double sum = 0;
        for (int k = 0; k + 1 < classes; k += 2) {
            float[] labels = new float[batch * ImageTask.LABEL_SIZE];
            double[] weights = new double[batch];
            for (int i = 0; i < batch; i++) {
                weights[i] = targets[i * classes + k] + targets[i * classes + k + 1];
                labels[3 * i] = k;
                labels[3 * i + 1] = k + 1;
                labels[3 * i + 2] = weights[i] == 0 ? 1 : (float) (targets[i * classes + k] / weights[i]);
            }
            for (int i = 0; i < batch; i++) {
                float[] one = new float[labels.length];
                Arrays.fill(one, -1);
                for (int j = 0; j < batch; j++) {
                    one[3 * j + 2] = 1;
                }
                System.arraycopy(labels, 3 * i, one, 3 * i, 3);
                sum += weights[i]
                        * model.lossAndGradient(new Samples(patches, one, 0, batch), positions, 1, 1, 1)
                                .task();
            }
        }
        return sum / batch;
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("vit")
    void evaluationAtAnotherSize(GoldenCase golden) {
        if (!golden.config().has("eval")) {
            return;
        }
        TestDevices.each(device -> {
            int[] size = golden.shape("eval_in/images");
            ImageModel model = new ImageModel(model(golden, GoldenModels.vit(golden), device));
            Assertions.assertThat(model.refusal(size[2], size[3])).isEmpty();
            Close.assertClose(
                    model.logits(golden.floats("eval_in/images"), size[0], size[2], size[3])
                            .toArray(),
                    golden.doubles("eval_out/logits"),
                    TOLERANCE,
                    "eval_out/logits");
        });
    }

    /** Pictures that were not mixed. */
    static float[] labels(int[] classes) {
        float[] labels = new float[classes.length * ImageTask.LABEL_SIZE];
        for (int i = 0; i < classes.length; i++) {
            labels[3 * i] = classes[i];
            labels[3 * i + 1] = classes[i];
            labels[3 * i + 2] = 1;
        }
        return labels;
    }

    /** The patches of pictures [..., 3, rows, columns]. */
    static float[] patches(GoldenCase golden, String array, ModelSpec spec) {
        float[] images = golden.floats(array);
        float[] cut = new float[images.length];
        Patches patches = ((ImageTask) spec.task()).patches();
        for (int at = 0; at < images.length; at += spec.task().featureSize()) {
            patches.cut(images, at, spec.grid(), cut, at);
        }
        return cut;
    }

    private static TaskModel model(GoldenCase golden, ModelSpec spec, Device device) {
        if (spec.isSeqPe()) {
            Assertions.assertThat(spec.positionWidth())
                    .as("pe_out_proj_dim")
                    .isEqualTo(golden.config().get("pe").get("pe_out_proj_dim").asInt());
        }
        return new TaskModel(
                spec,
                GoldenModels.objective(golden),
                GoldenModels.parameters(golden, ModelLayout.of(spec), device),
                device);
    }

    private static void assertClose(double actual, double expected, String what) {
        Assertions.assertThat(actual).as(what).isCloseTo(expected, Assertions.within(TOLERANCE * Math.abs(expected)));
    }
}
