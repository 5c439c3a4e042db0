package org.seqpe.compute.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceContract;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.nd4j.Nd4jDevice;
import org.seqpe.core.random.RandomStream;

/**
 * The CPU device at sizes that it cuts into several tasks, slices and blocks of keys, which the small shapes of
 * {@link DeviceContract} do not reach: against the reference device, and bitwise against itself on other numbers of
 * threads.
 */
class CpuDeviceTasksTest {
    /** Float32 sums of 2100 terms in another order: about 46 roundings of 6e-8 of the largest value. */
    private static final double TOLERANCE = 1e-5;
    /**
     * Rows, inputs, outputs. The last but one has three blocks of columns; the last cuts the rows of its weight
     * gradient in four, the last of them shorter.
     */
    private static final int[][] MATRICES = {
        {2100, 61, 200}, {2100, 256, 96}, {2100, 320, 1100}, {280, 20, 2600}, {2105, 200, 200}
    };

    private static Tensor random(Device device, int seed, long... shape) {
        Tensor tensor = device.allocate(shape);
        RandomStream random = RandomStream.of(7, seed);
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        tensor.upload(values);
        return tensor;
    }

    private static Ints numbers(Device device, int count, int bound) {
        RandomStream random = RandomStream.of(8, count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(bound);
        }
        Ints ints = device.allocateInts(count);
        ints.upload(values);
        return ints;
    }

    private static List<float[]> results(Device device) {
        List<Tensor> results = new ArrayList<>();
        matrices(device, results);
        batches(device, results);
        attention(
                device,
                results,
                Attention.plain(2, 70, 2, 20, true).withPositions(1, 8, 0.5f).withDropout(0.1f, 9));
        attention(device, results, Attention.plain(4, 300, 2, 20, true).withPositions(1, 8, 0.5f));
        attention(device, results, Attention.plain(9, 65, 3, 20, true));
        attention(device, results, Attention.plain(1, 1100, 2, 8, false).withSlopes(new float[] {0.5f, 0.01f}));
        attention(
                device,
                results,
                Attention.plain(2, 1100, 1, 8, true)
                        .withPositions(1, 20, 0.5f)
                        .withSlopes(new float[] {0.03f})
                        .withDropout(0.1f, 9));
        attention(device, results, Attention.plain(1, 513, 1, 64, false));
        List<float[]> arrays = new ArrayList<>();
        results.forEach(tensor -> arrays.add(tensor.toArray()));
        return arrays;
    }

    private static void matrices(Device device, List<Tensor> results) {
        for (int[] shape : MATRICES) {
            int rows = shape[0];
            int inputs = shape[1];
            int outputs = shape[2];
            Tensor x = random(device, 1, rows, inputs);
            Tensor w = random(device, 2, inputs, outputs);
            Tensor bias = random(device, 3, outputs);
            Tensor pre = device.allocate(rows, outputs);
            Tensor out = device.allocate(rows, outputs);
            device.linearGelu(Gelu.TANH, x, w, false, bias, pre, out);
            Tensor dX = device.allocate(rows, inputs);
            Tensor dW = device.allocate(inputs, outputs);
            Tensor dBias = device.allocate(outputs);
            device.linearBackward(out, x, w, false, dX, false, dW, dBias);
            Tensor turned = device.allocate(outputs, inputs);
            device.matmul(out, true, x, false, 0.5f, 0, turned);
            results.addAll(List.of(pre, out, dX, dW, dBias, turned));
            Tensor loss = device.allocate(rows);
            Tensor logits = random(device, 4, rows, outputs);
            device.crossEntropy(logits, numbers(device, rows, 61), 0.7f, 0.1f, true, 2, loss);
            results.addAll(List.of(logits, loss));
            Tensor mean = device.allocate(rows);
            Tensor rstd = device.allocate(rows);
            Tensor normed = device.allocate(rows, outputs);
            device.layerNorm(pre, bias, bias, 1e-5f, normed, mean, rstd);
            Tensor dWeight = device.allocate(outputs);
            device.layerNormBackward(out, pre, bias, mean, rstd, normed, true, dWeight, dBias);
            results.addAll(List.of(normed, dWeight));
            Tensor table = random(device, 5, 61, outputs);
            device.scatterAdd(numbers(device, rows, 61), out, table);
            device.sumRows(out, table);
            results.add(table);
        }
    }

    /** Products that share tasks, and products of which each is several tasks. */
    private static void batches(Device device, List<Tensor> results) {
        for (int[] s : new int[][] {{181, 33, 33, 33}, {3, 210, 210, 210}}) {
            Tensor a = random(device, 14, s[0], s[1], s[3]);
            Tensor b = random(device, 15, s[0], s[2], s[3]);
            Tensor c = device.allocate(s[0], s[1], s[2]);
            device.matmulBatched(
                    s[0],
                    s[1],
                    s[2],
                    s[3],
                    1,
                    a,
                    s[3],
                    (long) s[1] * s[3],
                    false,
                    b,
                    s[3],
                    (long) s[2] * s[3],
                    true,
                    0,
                    c,
                    s[2],
                    (long) s[1] * s[2]);
            results.add(c);
        }
    }

    private static void attention(Device device, List<Tensor> results, Attention spec) {
        int rows = spec.batch() * spec.length();
        int channels = spec.heads() * spec.width();
        Tensor qkv = random(device, 11, rows, 3 * channels);
        Tensor out = device.allocate(rows, channels);
        Tensor dOut = random(device, 12, rows, channels);
        Tensor dQkv = device.allocate(rows, 3 * channels);
        Tensor sums = device.allocate(spec.batch(), spec.heads(), spec.length());
        Tensor positions = random(device, 13, spec.length(), 2L * Math.max(1, spec.positionWidth()));
        Tensor dPositions = device.allocate(spec.length(), 2L * Math.max(1, spec.positionWidth()));
        boolean has = spec.hasPositions();
        Heads pq = has ? Heads.shared(positions, 0) : null;
        Heads pk = has ? Heads.shared(positions, spec.positionWidth()) : null;
        Heads dPq = has ? Heads.shared(dPositions, 0) : null;
        Heads dPk = has ? Heads.shared(dPositions, spec.positionWidth()) : null;
        Heads q = Heads.columns(qkv, 0, spec.width());
        Heads k = Heads.columns(qkv, channels, spec.width());
        Heads v = Heads.columns(qkv, 2 * channels, spec.width());
        Heads o = Heads.columns(out, 0, spec.width());
        device.attention(spec, new AttentionHeads(q, k, v, pq, pk), o, sums);
        device.attentionBackward(
                spec,
                new AttentionHeads(q, k, v, pq, pk),
                o,
                sums,
                Heads.columns(dOut, 0, spec.width()),
                new AttentionHeads(
                        Heads.columns(dQkv, 0, spec.width()),
                        Heads.columns(dQkv, channels, spec.width()),
                        Heads.columns(dQkv, 2 * channels, spec.width()),
                        dPq,
                        dPk));
        results.addAll(List.of(out, sums, dQkv, dPositions));
    }

    @Test
    void largeShapesAgreeWithTheReference() {
        List<float[]> expected = results(new Nd4jDevice());
        try (Device device = new CpuDevice(2)) {
            List<float[]> actual = results(device);
            for (int i = 0; i < expected.size(); i++) {
                double largest = 0.1;
                for (float value : expected.get(i)) {
                    largest = Math.max(largest, Math.abs(value));
                }
                for (int j = 0; j < expected.get(i).length; j++) {
                    if (!(Math.abs(actual.get(i)[j] - expected.get(i)[j]) <= TOLERANCE * largest)) {
                        assertThat((double) actual.get(i)[j])
                                .as("result %d, element %d; largest magnitude %s", i, j, largest)
                                .isCloseTo(expected.get(i)[j], within(TOLERANCE * largest));
                    }
                }
            }
        }
    }

    @Test
    void largeShapesRepeatBitwiseOnEveryNumberOfThreads() {
        List<float[]> first = null;
        for (int threads : new int[] {1, 2, 3, 2}) {
            try (Device device = new CpuDevice(threads)) {
                List<float[]> results = results(device);
                if (first == null) {
                    first = results;
                }
                for (int i = 0; i < results.size(); i++) {
                    assertThat(results.get(i))
                            .as("result %d with %d threads", i, threads)
                            .isEqualTo(first.get(i));
                }
            }
        }
    }

    /** More tasks than two runs of the sums that join them. */
    @Test
    void layerNormsGradientsOfVeryManyRows() {
        int rows = 3 * 128 * 64 + 7;
        int columns = 5;
        try (Device device = new CpuDevice(2)) {
            Tensor x = random(device, 31, rows, columns);
            Tensor dOut = random(device, 32, rows, columns);
            Tensor weight = random(device, 33, columns);
            Tensor mean = device.allocate(rows);
            Tensor rstd = device.allocate(rows);
            Tensor dX = device.allocate(rows, columns);
            Tensor dWeight = device.allocate(columns);
            Tensor dBias = device.allocate(columns);
            device.layerNorm(x, weight, weight, 1e-5f, dX, mean, rstd);
            device.layerNormBackward(dOut, x, weight, mean, rstd, dX, false, dWeight, dBias);
            double[] weights = new double[columns];
            double[] biases = new double[columns];
            float[] values = x.toArray();
            float[] gradients = dOut.toArray();
            float[] means = mean.toArray();
            float[] rstds = rstd.toArray();
            for (int i = 0; i < values.length; i++) {
                weights[i % columns] += (double) gradients[i] * (values[i] - means[i / columns]) * rstds[i / columns];
                biases[i % columns] += gradients[i];
            }
            for (int j = 0; j < columns; j++) {
                assertThat((double) dWeight.toArray()[j]).as("weight %d", j).isCloseTo(weights[j], within(1e-3));
                assertThat((double) dBias.toArray()[j]).as("bias %d", j).isCloseTo(biases[j], within(1e-3));
            }
        }
    }

    /**
     * A step makes a few hundred calls; this bounds what they may leave to the garbage collector once they are
     * compiled.
     */
    @Test
    void steadyCallsDoNotAllocate() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        try (Device device = new CpuDevice(1)) {
            Tensor logits = random(device, 21, 256, 1024);
            Tensor out = device.allocate(256, 1024);
            Tensor loss = device.allocate(256);
            Ints labels = numbers(device, 256, 1024);
            long least = Long.MAX_VALUE;
            // 256 x 1024 elements are 16384 vectors; a single object for each would be over a megabyte.
            for (int i = 0; i < 400 && least > 4096; i++) {
                long before = threads.getThreadAllocatedBytes(thread);
                device.geluBackward(Gelu.TANH, logits, logits, out);
                device.gelu(Gelu.EXACT, logits, out);
                device.crossEntropy(out, labels, 1, 0, true, 1, loss);
                device.dropout(logits, 0.1f, i, out);
                least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
            }
            assertThat(least).isLessThanOrEqualTo(4096);
        }
    }
}
