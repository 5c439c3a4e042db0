package org.seqpe.compute.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.compute.cpu.bfloat16.MatrixUnit;
import org.seqpe.core.random.RandomStream;

/** A device of bfloat16: what it rounds and what it leaves in float32. */
@EnabledIf("isSupported")
class CpuBfloat16Test {
    /** Beyond two blocks of a product in each direction, and no multiple of them. */
    private static final int ROWS = 600;

    private static final int WIDTH = 1100;
    private static final int OUT = 2100;
    /** Of an array's largest magnitude: a number of bfloat16 is off by up to 1/512 of itself. */
    private static final double TOLERANCE = 0.02;

    static boolean isSupported() {
        return CpuDevice.unsupportedReason().isEmpty();
    }

    /** What this processor has, and the emulation. */
    static Stream<MatrixUnit> units() {
        return Stream.concat(MatrixUnit.ofProcessor().stream(), Stream.of(MatrixUnit.EMULATION));
    }

    private static Tensor random(Device device, int seed, long... shape) {
        Tensor tensor = device.allocate(shape);
        RandomStream random = RandomStream.of(seed, 3);
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        tensor.upload(values);
        return tensor;
    }

    private static Tensor rounded(Device device, Tensor exact) {
        Tensor copy = device.allocate(Precision.BFLOAT16, exact.shape());
        device.copy(exact, copy);
        return copy;
    }

    private static float[] rounded(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = Precision.fromBfloat16(Precision.toBfloat16(values[i]));
        }
        return rounded;
    }

    /** Every kernel with products of bfloat16, with operands of either precision. */
    private static List<float[]> results(Device device, boolean roundInputs) {
        Tensor x = random(device, 1, ROWS, WIDTH);
        Tensor input = roundInputs ? rounded(device, x) : x;
        Tensor w = rounded(device, random(device, 2, WIDTH, OUT));
        Tensor turned = rounded(device, random(device, 3, OUT, WIDTH));
        Tensor bias = random(device, 4, OUT);
        Tensor dOut = random(device, 5, ROWS, OUT);
        List<Tensor> results = new ArrayList<>();
        Tensor out = device.allocate(ROWS, OUT);
        device.linear(input, w, false, bias, out);
        results.add(out);
        Tensor outTurned = device.allocate(ROWS, OUT);
        device.linear(input, turned, true, null, outTurned);
        results.add(outTurned);
        Tensor pre = device.allocate(ROWS, OUT);
        Tensor activated = device.allocate(Precision.BFLOAT16, ROWS, OUT);
        device.linearGelu(Gelu.TANH, input, w, false, bias, pre, activated);
        results.add(pre);
        results.add(activated);
        Tensor withoutPre = device.allocate(Precision.BFLOAT16, ROWS, OUT);
        device.linearGelu(Gelu.TANH, input, w, false, bias, null, withoutPre);
        results.add(withoutPre);
        Tensor dX = random(device, 6, ROWS, WIDTH);
        Tensor dW = random(device, 7, WIDTH, OUT);
        Tensor dBias = device.allocate(OUT);
        device.linearBackward(dOut, input, w, false, dX, true, dW, dBias);
        results.addAll(List.of(dX, dW, dBias));
        Tensor dTurned = device.allocate(OUT, WIDTH);
        device.linearBackward(dOut, input, turned, true, null, false, dTurned, null);
        results.add(dTurned);
        Tensor product = random(device, 8, OUT, WIDTH);
        device.matmul(dOut, true, input, false, 0.5f, 1, product);
        if (roundInputs) {
            results.add(product);
        }
        return results.stream().map(Tensor::toArray).toList();
    }

    @ParameterizedTest
    @MethodSource("units")
    void productsDoNotDependOnTheThreads(MatrixUnit unit) {
        List<float[]> expected;
        try (Device device = new CpuDevice(1, unit)) {
            expected = results(device, true);
        }
        for (int threads = 2; threads <= 3; threads++) {
            try (Device device = new CpuDevice(threads, unit)) {
                List<float[]> actual = results(device, true);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(actual.get(i))
                            .as("%d threads, result %d", threads, i)
                            .isEqualTo(expected.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("units")
    void theDeviceRoundsOperandsAsTheirOwnersWould(MatrixUnit unit) {
        try (Device device = new CpuDevice(2, unit)) {
            List<float[]> exact = results(device, false);
            List<float[]> rounded = results(device, true);
            for (int i = 0; i < exact.size(); i++) {
                assertThat(exact.get(i)).as("result %d", i).isEqualTo(rounded.get(i));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("units")
    void resultsAreThoseOfFloat32ToTheRounding(MatrixUnit unit) {
        try (Device device = new CpuDevice(2, unit);
                Device exact = new CpuDevice(2)) {
            Tensor x = random(device, 1, ROWS, WIDTH);
            Tensor w = random(device, 2, WIDTH, OUT);
            Tensor out = device.allocate(ROWS, OUT);
            device.linear(x, rounded(device, w), false, null, out);
            Tensor expected = exact.allocate(ROWS, OUT);
            exact.linear(random(exact, 1, ROWS, WIDTH), random(exact, 2, WIDTH, OUT), false, null, expected);
            assertClose(out.toArray(), expected.toArray());
        }
    }

    /** A slice of an evaluation's rows has the bits that it has among all rows, as long as both are long. */
    @ParameterizedTest
    @MethodSource("units")
    void rowsDoNotDependOnTheirNumber(MatrixUnit unit) {
        int many = 4 * 2048 + 300;
        try (Device device = new CpuDevice(2, unit)) {
            Tensor x = rounded(device, random(device, 1, many, 64));
            Tensor w = rounded(device, random(device, 2, 64, 192));
            Tensor all = device.allocate(many, 192);
            device.linear(x, w, false, null, all);
            Tensor slice = device.allocate(2048, 192);
            device.linear(x.rows(2048, 2048), w, false, null, slice);
            assertThat(slice.toArray()).isEqualTo(all.rows(2048, 2048).toArray());
            Tensor rest = device.allocate(2048 + 300, 192);
            device.linear(x.rows(3 * 2048, 2048 + 300), w, false, null, rest);
            assertThat(rest.toArray()).isEqualTo(all.rows(3 * 2048, 2048 + 300).toArray());
        }
    }

    @Test
    void productsOfFloat32StayExact() {
        try (Device device = new CpuDevice(2, MatrixUnit.EMULATION);
                Device exact = new CpuDevice(2)) {
            List<float[]> results = new ArrayList<>();
            for (Device each : List.of(device, exact)) {
                Tensor out = each.allocate(70, 90);
                each.matmul(random(each, 1, 70, 300), false, random(each, 2, 300, 90), false, 1, 0, out);
                results.add(out.toArray());
            }
            assertThat(results.get(0)).isEqualTo(results.get(1));
        }
    }

    @Test
    void aLayerNormWritesWhatItWouldRoundedOnce() {
        try (Device device = new CpuDevice(2, MatrixUnit.EMULATION)) {
            Tensor x = random(device, 1, 131, 77);
            Tensor weight = random(device, 2, 77);
            Tensor bias = random(device, 3, 77);
            Tensor mean = device.allocate(131);
            Tensor rstd = device.allocate(131);
            Tensor exact = device.allocate(131, 77);
            Tensor rounded = device.allocate(Precision.BFLOAT16, 131, 77);
            device.layerNorm(x, weight, bias, 1e-5f, exact, mean, rstd);
            device.layerNorm(x, weight, bias, 1e-5f, rounded, mean, rstd);
            assertThat(rounded.toArray()).isEqualTo(rounded(exact.toArray()));
        }
    }

    /** Two blocks of keys and a shorter one, several tiles, and position vectors that samples share. */
    @ParameterizedTest
    @MethodSource("units")
    void attentionIsThatOfFloat32ToTheRounding(MatrixUnit unit) {
        List<List<float[]>> results = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            try (Device device = new CpuDevice(threads, unit)) {
                attention(device);
                results.add(attention(device));
            }
        }
        for (int i = 0; i < results.get(0).size(); i++) {
            assertThat(results.get(1).get(i))
                    .as("two threads, result %d", i)
                    .isEqualTo(results.get(0).get(i));
        }
        try (Device exact = new CpuDevice(2)) {
            List<float[]> expected = attention(exact);
            for (int i = 0; i < expected.size(); i++) {
                assertClose(results.get(0).get(i), expected.get(i));
            }
            assertThat(results.get(0).get(0)).isNotEqualTo(expected.get(0));
        }
    }

    private static List<float[]> attention(Device device) {
        int batch = 2;
        int length = 600;
        int heads = 2;
        int width = 18;
        int rows = batch * length;
        Attention spec = Attention.plain(batch, length, heads, width, true).withPositions(1, width, 1);
        Tensor qkv = random(device, 1, rows, 3 * heads * width);
        Tensor positions = random(device, 2, length, 2 * heads * width);
        Tensor out = device.allocate(rows, heads * width);
        Tensor logSumExp = device.allocate(batch, heads, length);
        AttentionHeads in = heads(qkv, positions, heads, width);
        device.attention(spec, in, Heads.columns(out, 0, width), logSumExp);
        Tensor dOut = random(device, 3, rows, heads * width);
        Tensor dQkv = device.allocate(rows, 3 * heads * width);
        Tensor dPositions = device.allocate(length, 2 * heads * width);
        device.attentionBackward(
                spec,
                in,
                Heads.columns(out, 0, width),
                logSumExp,
                Heads.columns(dOut, 0, width),
                heads(dQkv, dPositions, heads, width));
        return List.of(out.toArray(), dQkv.toArray(), dPositions.toArray());
    }

    private static AttentionHeads heads(Tensor qkv, Tensor positions, int heads, int width) {
        return new AttentionHeads(
                Heads.columns(qkv, 0, width),
                Heads.columns(qkv, heads * width, width),
                Heads.columns(qkv, 2 * heads * width, width),
                Heads.columns(positions, 0, width),
                Heads.columns(positions, heads * width, width));
    }

    @Test
    void kernelsOfFloat32RefuseRoundedTensors() {
        try (Device device = new CpuDevice(1, MatrixUnit.EMULATION)) {
            Tensor rounded = device.allocate(Precision.BFLOAT16, 4, 4);
            Tensor exact = device.allocate(4, 4);
            assertThatThrownBy(() -> device.add(exact, rounded, exact))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a tensor of FLOAT32");
            assertThatThrownBy(() -> device.matmul(exact, false, exact, false, 1, 0, rounded))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (Device device = new CpuDevice(1)) {
            assertThatThrownBy(() -> device.allocate(Precision.BFLOAT16, 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("FLOAT32");
        }
    }

    /** Values cross to and from the host as float32; views begin at odd places. */
    @Test
    void storage() {
        try (Device device = new CpuDevice(1, MatrixUnit.EMULATION)) {
            Tensor tensor = device.allocate(Precision.BFLOAT16, 5, 7);
            tensor.view(3, 2, 5).upload(1, 1.00390625f, -2, 3, 4, 5, 6, 7, 8, 9);
            float[] all = tensor.toArray();
            assertThat(all).hasSize(35).startsWith(0, 0, 0, 1, 1, -2).endsWith(new float[22]);
            Tensor exact = device.allocate(10);
            device.copy(tensor.view(3, 10), exact);
            assertThat(exact.toArray()).containsExactly(1, 1, -2, 3, 4, 5, 6, 7, 8, 9);
            device.free(tensor);
        }
    }

    private static void assertClose(float[] actual, float[] expected) {
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).as("element %d", i).isCloseTo(expected[i], within(TOLERANCE * largest));
        }
    }
}
