package org.seqpe.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.core.config.AugmentConfig;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.core.config.OptimizerConfig.Schedule;
import org.seqpe.core.config.OptimizerConfig.Schedule.Shape;
import org.seqpe.core.config.TaskKind;
import org.seqpe.model.dl4j.LayerSettings;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.SeqPeTransformer;
import org.seqpe.model.dl4j.StepReport;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSource;
import org.seqpe.model.seqpe.StepPositions;

/**
 * Whole training steps inside DL4J (forward, backward, clipping, AdamW, decay, schedule) against the reference's
 * trajectories.
 */
class TrainingGoldenTest {
    /** Float32 against float64; parameters relative to the largest magnitude of an array. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("gpt2_adamw")
    void adamWTrajectory(GoldenCase golden) {
        TestDevices.each(device -> {
            JsonNode config = golden.config();
            int steps = config.get("steps").asInt();
            golden.choice("lr_schedule", "constant");
            Schedule schedule = new Schedule(Shape.CONSTANT, 0, 0);
            MultiLayerNetwork network = network(
                    golden,
                    device,
                    withoutPositionLosses(),
                    schedule,
                    config.get("batch").asInt(),
                    steps);
            SeqPeTransformer layer = SeqPeNetworks.layer(network);
            double[] losses = golden.doubles("out/loss");
            for (int step = 0; step < steps; step++) {
                network.fit(dataSet(golden, "in/tokens", "in/labels", step));
                StepReport report = layer.report();
                assertClose(report.losses().task(), losses[step], "loss of step " + step);
                assertClose(
                        report.modelNorm(),
                        golden.doubles("out/grad_norm_model")[step],
                        "gradient norm of the model in step " + step);
                assertClose(
                        report.positionNorm(),
                        golden.doubles("out/grad_norm_pe")[step],
                        "gradient norm of the encoder in step " + step);
            }
            GoldenModels.assertFinalValues(
                    golden,
                    layer.model().parameters(),
                    TOLERANCE,
                    steps * golden.config().get("lr").asDouble());
            Assertions.assertThat(network.getIterationCount()).isEqualTo(steps);
        });
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("train_trace")
    void traceOfTheReferencesTrainingScript(GoldenCase golden) {
        TestDevices.each(device -> {
            int steps = golden.config().get("steps").asInt();
            String described = golden.config().get("lr_schedule").asText();
            Assertions.assertThat(described).matches("linear, num_warmup_steps=\\d+, total=\\d+");
            String[] numbers = described.replaceAll("[^0-9,]", "").split(",");
            Schedule schedule = new Schedule(Shape.LINEAR, Integer.parseInt(numbers[1]), 0);
            // The reference's batches shrink at the end of an epoch; batches of the number of windows divide all of
            // them.
            int batch = golden.config().get("pe").get("pe_main_batch_size").asInt();
            MultiLayerNetwork network = network(
                    golden, device, GoldenModels.objective(golden), schedule, batch, Integer.parseInt(numbers[2]));
            SeqPeTransformer layer = SeqPeNetworks.layer(network);
            for (int step = 0; step < steps; step++) {
                String prefix = "step" + step + "/";
                layer.setPositions(recorded(golden, prefix));
                double[] scalars = golden.doubles(prefix + "scalars");
                assertClose(
                        network.getLayerWiseConfigurations()
                                .getConf(0)
                                .getLayer()
                                .getUpdaterByParam("parameters")
                                .getLearningRate(step, 0),
                        scalars[4],
                        prefix + "learning rate");
                network.fit(dataSet(golden, prefix + "tokens", prefix + "labels", -1));
                StepReport report = layer.report();
                assertClose(report.losses().task(), scalars[0], prefix + "lm_loss");
                assertClose(report.losses().contrastive(), scalars[1], prefix + "ct_loss");
                if (golden.has(prefix + "trans_digits")) {
                    assertClose(report.losses().transfer(), scalars[2], prefix + "trans_loss");
                }
                assertClose(report.losses().total(), scalars[3], prefix + "loss");
                assertClose(report.modelNorm(), scalars[5], prefix + "gradient norm of the model");
                assertClose(report.positionNorm(), scalars[6], prefix + "gradient norm of the encoder");
            }
            GoldenModels.assertFinalValues(
                    golden,
                    layer.model().parameters(),
                    TOLERANCE,
                    steps * golden.config().get("lr").asDouble());
        });
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("vit_train_trace")
    void traceOfTheReferencesImageTraining(GoldenCase golden) {
        TestDevices.each(device -> {
            JsonNode config = golden.config();
            int steps = config.get("steps").asInt();
            int batch = config.get("batch").asInt();
            golden.choice("lr_schedule", "constant");
            ModelSpec spec = GoldenModels.vit(golden);
            double decay = config.get("weight_decay").asDouble();
            OptimizerConfig optimizer = new OptimizerConfig(
                    config.get("lr").asDouble(),
                    0.9,
                    0.999,
                    1e-8,
                    decay,
                    decay,
                    false,
                    config.get("clip_grad").asDouble(),
                    config.get("pe_clip_grad").asDouble(),
                    new Schedule(Shape.CONSTANT, 0, 0));
            TrainingDevice.use(device);
            MultiLayerNetwork network = SeqPeNetworks.create(new LayerSettings(
                    spec.config(),
                    GoldenModels.objective(golden),
                    optimizer,
                    TaskKind.IMAGES,
                    0,
                    imageConfig(golden),
                    null,
                    batch,
                    steps,
                    1));
            SeqPeTransformer layer = SeqPeNetworks.layer(network);
            device.copy(
                    GoldenModels.parameters(golden, ModelLayout.of(spec), device)
                            .values(),
                    layer.model().parameters().values());
            layer.push();
            float[] patches = VitGoldenTest.patches(golden, "in/images", spec);
            int[] labels = golden.ints("in/labels");
            int size = batch * spec.task().featureSize();
            for (int step = 0; step < steps; step++) {
                String prefix = "step" + step + "/";
                layer.setPositions(recorded(golden, prefix));
                double[] scalars = golden.doubles(prefix + "scalars");
                network.fit(new DataSet(
                        Nd4j.create(Arrays.copyOfRange(patches, step * size, (step + 1) * size), batch, size / batch),
                        Nd4j.create(
                                VitGoldenTest.labels(Arrays.copyOfRange(labels, step * batch, (step + 1) * batch)),
                                batch,
                                ImageTask.LABEL_SIZE)));
                StepReport report = layer.report();
                assertClose(report.losses().task(), scalars[0], prefix + "cross entropy");
                assertClose(report.losses().contrastive(), scalars[1], prefix + "ct_loss");
                if (golden.has(prefix + "trans_digits")) {
                    assertClose(report.losses().transfer(), scalars[2], prefix + "trans_loss");
                }
                assertClose(report.modelNorm(), scalars[3], prefix + "gradient norm of the model");
                assertClose(report.positionNorm(), scalars[4], prefix + "gradient norm of the encoder");
            }
            GoldenModels.assertFinalValues(
                    golden,
                    layer.model().parameters(),
                    TOLERANCE,
                    steps * config.get("lr").asDouble());
        });
    }

    /** An image configuration of a case's sizes, without label smoothing. */
    private static ImageConfig imageConfig(GoldenCase golden) {
        JsonNode model = golden.config().get("model");
        return new ImageConfig(
                model.get("img").asText(),
                model.get("patch").asInt(),
                model.get("classes").asInt(),
                List.of(0.0, 0.0, 0.0),
                List.of(1.0, 1.0, 1.0),
                new AugmentConfig(
                        List.of(1.0, 1.0),
                        List.of(1.0, 1.0),
                        0,
                        new AugmentConfig.RandAugment(0, 0, 0),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0));
    }

    /** The positions that the reference drew in a step. */
    private static PositionSource recorded(GoldenCase golden, String prefix) {
        JsonNode pe = golden.config().get("pe");
        int pivots = golden.shape(prefix + "ct_pivot_digits")[0];
        // The digits of one coordinate after those of the other.
        int digits = golden.shape(prefix + "ct_pivot_digits")[1]
                / pe.get("pe_data_dim").asInt();
        int each = golden.shape(prefix + "ct_neg_digits")[0] / pivots;
        StepPositions.Contrastive contrastive = new StepPositions.Contrastive(
                Gpt2GoldenTest.positionsOf(golden.ints(prefix + "ct_pivot_digits"), digits),
                pivots,
                Gpt2GoldenTest.positionsOf(golden.ints(prefix + "ct_neg_digits"), digits),
                each,
                golden.ints(prefix + "ct_labels"));
        StepPositions.Transfer transfer = !golden.has(prefix + "trans_digits")
                ? null
                : new StepPositions.Transfer(
                        Gpt2GoldenTest.positionsOf(golden.ints(prefix + "trans_digits"), digits),
                        pe.get("seqpe_transfer_batch_size").asInt(),
                        pe.get("seqpe_transfer_num").asInt(),
                        golden.ints(prefix + "pivot_indices"));
        int[] windows = golden.ints(prefix + "positions");
        int count = golden.shape(prefix + "positions")[0];
        return pass -> new StepPositions(windows, count, contrastive, transfer, pass);
    }

    private static ObjectiveConfig withoutPositionLosses() {
        return new ObjectiveConfig(
                new ObjectiveConfig.Contrastive(0, 1, 4, 1, 0, 0, 0),
                new ObjectiveConfig.Transfer(0, 1, 2, 1, ObjectiveConfig.Transfer.Metric.KL, 1, true),
                new ObjectiveConfig.Shift(0, 1, 1));
    }

    private static MultiLayerNetwork network(
            GoldenCase golden, Device device, ObjectiveConfig objective, Schedule schedule, int batch, int steps) {
        TrainingDevice.use(device);
        JsonNode config = golden.config();
        double decay = config.get("weight_decay").asDouble();
        double clip = config.get("clip_grad").asDouble();
        OptimizerConfig optimizer = new OptimizerConfig(
                config.get("lr").asDouble(), 0.9, 0.999, 1e-8, decay, decay, true, clip, clip, schedule);
        ModelSpec spec = GoldenModels.gpt2(golden);
        MultiLayerNetwork network = SeqPeNetworks.create(new LayerSettings(
                spec.config(),
                objective,
                optimizer,
                TaskKind.LANGUAGE,
                spec.grid().size(),
                null,
                null,
                batch,
                steps,
                1));
        Parameters start = GoldenModels.parameters(golden, ModelLayout.of(spec), device);
        SeqPeTransformer layer = SeqPeNetworks.layer(network);
        device.copy(start.values(), layer.model().parameters().values());
        layer.push();
        return network;
    }

    /** @param step which of the stored steps, or -1 where the array is one step's */
    private static DataSet dataSet(GoldenCase golden, String tokens, String labels, int step) {
        return new DataSet(array(golden, tokens, step), array(golden, labels, step));
    }

    private static INDArray array(GoldenCase golden, String name, int step) {
        int[] shape = golden.shape(name);
        int rows = shape[shape.length - 2];
        int length = shape[shape.length - 1];
        float[] values = golden.floats(name);
        return Nd4j.create(
                step < 0 ? values : Arrays.copyOfRange(values, step * rows * length, (step + 1) * rows * length),
                rows,
                length);
    }

    private static void assertClose(double actual, double expected, String what) {
        Assertions.assertThat(actual).as(what).isCloseTo(expected, Assertions.within(TOLERANCE * Math.abs(expected)));
    }
}
