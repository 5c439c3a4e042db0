package org.seqpe.model.seqpe;

import com.fasterxml.jackson.databind.JsonNode;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig.Transfer.Metric;
import org.seqpe.model.TestDevices;
import org.seqpe.model.golden.Close;
import org.seqpe.model.golden.GoldenCase;
import org.seqpe.model.golden.GoldenSource;

/** The two position losses and their gradients against the reference's criteria. */
class CriterionGoldenTest {
    /** Float32 against the reference's float64; relative to an array's largest magnitude. */
    private static final double TOLERANCE = 1e-5;

    @ParameterizedTest(name = "{0}")
    @GoldenSource("contrastive_criterion")
    void contrastive(GoldenCase golden) {
        TestDevices.each(device -> {
            JsonNode config = golden.config();
            Tensor pivots = upload(device, golden, "in/pivot_pe");
            Tensor candidates = upload(device, golden, "in/neg_pe");
            Tensor dPivots = device.allocate(pivots.shape());
            Tensor dCandidates = device.allocate(candidates.shape());
            int heads = config.get("multi_head").asBoolean()
                    ? config.get("num_heads").asInt()
                    : 1;
            ContrastiveLoss loss = new ContrastiveLoss(
                    device, heads, (float) config.get("logit_scale").asDouble(), (float)
                            config.get("label_smoothing").asDouble());
            Doubles sums = device.allocateDoubles(1);
            loss.lossAndGradient(pivots, candidates, golden.ints("in/labels"), 1, dPivots, dCandidates, sums, 0);
            assertLoss(sums.toArray()[0] / loss.terms((int) pivots.rows()), golden);
            Close.assertClose(dPivots.toArray(), golden.doubles("grad/pivot_pe"), TOLERANCE, "grad/pivot_pe");
            Close.assertClose(dCandidates.toArray(), golden.doubles("grad/neg_pe"), TOLERANCE, "grad/neg_pe");
        });
    }

    @ParameterizedTest(name = "{0}")
    @GoldenSource("transfer_criterion")
    void transfer(GoldenCase golden) {
        TestDevices.each(device -> {
            JsonNode config = golden.config();
            int width = config.get("dim").asInt();
            int length = config.get("main_len").asInt();
            // Where the own windows come as a batch, the reference reads the first one only.
            Tensor allOwn = upload(device, golden, "in/main_pe");
            Tensor own = allOwn.view(0, length, width);
            Tensor far = upload(device, golden, "in/trans_pe");
            Tensor dAllOwn = device.allocate(allOwn.shape());
            Tensor dFar = device.allocate(far.shape());
            Metric metric = golden.choice("metric", "kl_div", "mse").equals("mse") ? Metric.MSE : Metric.KL;
            int heads = config.get("multi_head").asBoolean()
                    ? config.get("num_heads").asInt()
                    : 1;
            int batch = config.get("batch").asInt();
            Doubles sums = device.allocateDoubles(1);
            TransferLoss loss = new TransferLoss(
                    device, heads, (float) config.get("logit_scale").asDouble(), metric, (float)
                            config.get("beta").asDouble());
            loss.lossAndGradient(
                    own, far, golden.ints("in/pivot_indices"), batch, 1, dAllOwn.view(0, length, width), dFar, sums, 0);
            assertLoss(sums.toArray()[0] / loss.terms(batch, (int) far.rows() / batch), golden);
            Close.assertClose(dAllOwn.toArray(), golden.doubles("grad/main_pe"), TOLERANCE, "grad/main_pe");
            Close.assertClose(dFar.toArray(), golden.doubles("grad/trans_pe"), TOLERANCE, "grad/trans_pe");
        });
    }

    private static void assertLoss(double value, GoldenCase golden) {
        double expected = golden.scalar("out/loss");
        Assertions.assertThat(value).isCloseTo(expected, Assertions.within(TOLERANCE * Math.abs(expected)));
    }

    private static Tensor upload(Device device, GoldenCase golden, String array) {
        long[] shape =
                java.util.Arrays.stream(golden.shape(array)).asLongStream().toArray();
        Tensor tensor = device.allocate(shape);
        tensor.upload(golden.floats(array));
        return tensor;
    }
}
