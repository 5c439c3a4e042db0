package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

/**
 * Results repeat bitwise, whatever the number of threads: restarts and clusters of other sizes must give the same
 * parameters.
 */
interface RepeatabilityContract extends UsesDevice {
    @Test
    default void resultsRepeatBitwiseAtEveryNumberOfThreads() {
        List<double[]> first = null;
        for (int threads : new int[] {1, 2, 3}) {
            try (Device device = newDevice(threads)) {
                List<double[]> results = results(device);
                if (first == null) {
                    first = results;
                }
                for (int i = 0; i < results.size(); i++) {
                    assertThat(results.get(i))
                            .as("%s with %d threads, result %d", device.name(), threads, i)
                            .isEqualTo(first.get(i));
                }
            }
        }
    }

    /** The kernels that sum over rows, samples or elements, where the order of the terms matters. */
    private static List<double[]> results(Device device) {
        List<double[]> results = new ArrayList<>();
        Probe probe = new Probe(device, "repeatability");
        int n = 517;
        int c = 61;
        Tensor x = probe.tensor(probe.normal(n * c), n, c);
        Tensor dOut = probe.tensor(probe.normal(n * c), n, c);
        Tensor weight = probe.tensor(probe.normal(c * c), c, c);
        Tensor bias = probe.tensor(probe.normal(c), c);
        Tensor dX = device.allocate(n, c);
        Tensor dWeight = device.allocate(c, c);
        Tensor dBias = device.allocate(c);
        device.linearBackward(dOut, x, weight, true, dX, false, dWeight, dBias);
        Tensor mean = device.allocate(n);
        Tensor rstd = device.allocate(n);
        Tensor out = device.allocate(n, c);
        device.layerNorm(x, bias, bias, 1e-5f, out, mean, rstd);
        Tensor dNormWeight = device.allocate(c);
        device.layerNormBackward(dOut, x, bias, mean, rstd, dX, true, dNormWeight, dBias);
        Tensor dTable = device.allocate(11, c);
        device.scatterAdd(probe.ints(probe.numbers(n, 11)), dOut, dTable);
        device.sumRows(dOut, dTable);
        Tensor loss = device.allocate(n);
        device.crossEntropy(out, probe.ints(probe.numbers(n, c)), 1, 0.1f, true, 1, loss);
        for (Tensor tensor : new Tensor[] {dX, dWeight, dBias, dNormWeight, dTable, loss, out}) {
            results.add(Probe.doubles(tensor));
        }
        results.add(new double[] {Probe.sumOfSquares(device, x)});
        attention(probe, results);
        return results;
    }

    private static void attention(Probe probe, List<double[]> results) {
        Attention spec =
                Attention.plain(10, 130, 2, 20, true).withPositions(1, 8, 1).withDropout(0.1f, 3);
        List<Field> inputs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            inputs.add(Field.of(probe, Layout.THIRD, probe.normal(1300 * 2 * 20), 1300, 2, 20));
        }
        List<Field> positions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            positions.add(Field.of(probe, Layout.PACKED, probe.normal(130 * 8), 130, 1, 8));
        }
        Tensor logSumExp = probe.device.allocate(10, 2, 130);
        probe.device.attention(
                spec,
                new AttentionHeads(
                        inputs.get(0).heads,
                        inputs.get(1).heads,
                        inputs.get(2).heads,
                        positions.get(0).shared(),
                        positions.get(1).shared()),
                inputs.get(3).heads,
                logSumExp);
        probe.device.attentionBackward(
                spec,
                new AttentionHeads(
                        inputs.get(0).heads,
                        inputs.get(1).heads,
                        inputs.get(2).heads,
                        positions.get(0).shared(),
                        positions.get(1).shared()),
                inputs.get(3).heads,
                logSumExp,
                inputs.get(4).heads,
                new AttentionHeads(
                        inputs.get(5).heads,
                        inputs.get(6).heads,
                        inputs.get(7).heads,
                        positions.get(2).shared(),
                        positions.get(3).shared()));
        inputs.forEach(field -> results.add(field.read()));
        positions.forEach(field -> results.add(field.read()));
    }
}
