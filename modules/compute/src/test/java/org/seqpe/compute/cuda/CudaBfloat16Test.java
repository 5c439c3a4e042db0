package org.seqpe.compute.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.seqpe.compute.AdamWStep;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Precision;
import org.seqpe.compute.Tensor;
import org.seqpe.core.random.RandomStream;

/**
 * Every kernel with activations of bfloat16 beside the same kernel in float32, on the same numbers. The kernels
 * themselves are tested in C++ against double-precision loops; here the choice of kernel, its arguments and its working
 * memory are.
 */
@EnabledIf("org.seqpe.compute.cuda.EmulatedCuda#isAvailable")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaBfloat16Test {
    /**
     * Of an array's largest magnitude. A bfloat16 has 8 bits, so a result is rounded by up to 1/512, and a sum of
     * products of rounded numbers by about as much; an argument in the wrong place gives errors of the order of 1.
     */
    private static final double TOLERANCE = 0.02;

    private Device exact;
    private Device rounded;

    @BeforeAll
    void open() {
        exact = EmulatedCuda.newDevice(Precision.FLOAT32);
        rounded = EmulatedCuda.newDevice(Precision.BFLOAT16);
    }

    @AfterAll
    void close() {
        exact.close();
        rounded.close();
        assertThat(EmulatedCuda.get("violations")).isZero();
        EmulatedCuda.stop();
    }

    /** One run of a kernel: its operands, made of the same random numbers on each device, and its results. */
    private static final class Run {
        private final Device device;
        private final RandomStream random = RandomStream.of(41, 7);
        private final List<Tensor> results = new ArrayList<>();

        Run(Device device) {
            this.device = device;
        }

        /** Random numbers that are the same in either precision. */
        private Tensor filled(Precision precision, long... shape) {
            Tensor tensor = device.allocate(precision, shape);
            float[] values = new float[(int) tensor.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = Precision.fromBfloat16(Precision.toBfloat16((float) random.nextGaussian()));
            }
            tensor.upload(values);
            return tensor;
        }

        Tensor activation(long... shape) {
            return filled(device.precision(), shape);
        }

        Tensor float32(long... shape) {
            return filled(Precision.FLOAT32, shape);
        }

        Tensor result(Tensor tensor) {
            results.add(tensor);
            return tensor;
        }

        Tensor newActivation(long... shape) {
            return result(device.allocate(device.precision(), shape));
        }

        Tensor newFloat32(long... shape) {
            return result(device.allocate(shape));
        }

        Ints ints(int count, int bound) {
            int[] values = new int[count];
            for (int i = 0; i < count; i++) {
                values[i] = random.nextInt(bound);
            }
            Ints ints = device.allocateInts(count);
            ints.upload(values);
            return ints;
        }
    }

    private interface Kernel {
        void on(Run run, Device device);
    }

    private void check(Kernel kernel) {
        Run expected = new Run(exact);
        Run actual = new Run(rounded);
        kernel.on(expected, exact);
        kernel.on(actual, rounded);
        for (int r = 0; r < expected.results.size(); r++) {
            float[] wanted = expected.results.get(r).toArray();
            float[] found = actual.results.get(r).toArray();
            double largest = 0;
            for (float value : wanted) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).as("result %d", r).isPositive();
            for (int i = 0; i < wanted.length; i++) {
                assertThat((double) found[i])
                        .as("result %d, element %d of %d, largest %s", r, i, wanted.length, largest)
                        .isCloseTo(wanted[i], within(TOLERANCE * largest));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 64, 1027})
    void elementwise(int columns) {
        check((run, device) -> {
            Tensor x = run.activation(7, columns);
            Tensor y = run.activation(7, columns);
            device.add(x, y, run.newActivation(7, columns));
            device.axpy(0.5f, x, run.result(y));
            device.scale(run.result(x), 3);
            for (Gelu form : Gelu.values()) {
                device.gelu(form, x, run.newActivation(7, columns));
                device.geluBackward(form, x, y, run.newActivation(7, columns));
            }
            device.fill(run.newActivation(3), 2);
            device.dropout(x, 0.3f, 9, run.newActivation(7, columns));
            device.copy(run.float32(7, columns), run.newActivation(7, columns));
            device.copy(x, run.newFloat32(7, columns));
        });
    }

    /** What branches add to the residual stream, and what they get of its gradient. */
    @ParameterizedTest
    @ValueSource(ints = {5, 64, 1027})
    void theResidualStream(int columns) {
        check((run, device) -> {
            Tensor stream = run.float32(7, columns);
            device.add(stream, run.activation(7, columns), run.newFloat32(7, columns));
            device.dropout(stream, 0.3f, 9, run.newActivation(7, columns));
            device.scaleRows(stream, run.float32(7), run.newActivation(7, columns));
            device.scaleRows(run.activation(7, columns), run.float32(1), run.newActivation(7, columns));
            Tensor mean = run.newFloat32(7);
            Tensor rstd = run.newFloat32(7);
            Tensor weight = run.float32(columns);
            device.layerNorm(stream, weight, run.float32(columns), 1e-5f, run.newActivation(7, columns), mean, rstd);
            device.layerNormBackward(
                    run.activation(7, columns),
                    stream,
                    weight,
                    mean,
                    rstd,
                    run.result(run.float32(7, columns)),
                    true,
                    run.newFloat32(columns),
                    run.newFloat32(columns));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 64})
    void products(int width) {
        check((run, device) -> {
            Tensor x = run.activation(33, width);
            Tensor w = run.activation(width, 24);
            Tensor wTransposed = run.activation(24, width);
            device.matmul(x, false, w, false, 1, 0, run.newActivation(33, 24));
            device.matmul(x, false, wTransposed, true, 0.5f, 1, run.result(run.float32(33, 24)));
            device.linear(x, w, false, run.float32(24), run.newActivation(33, 24));
            device.linear(x, w, false, run.activation(24), run.newActivation(33, 24));
            device.linear(x, wTransposed, true, null, run.newActivation(33, 24));
            for (Gelu form : Gelu.values()) {
                device.linearGelu(
                        form, x, w, false, run.float32(24), run.newActivation(33, 24), run.newActivation(33, 24));
                device.linearGelu(form, x, w, false, run.float32(24), null, run.newActivation(33, 24));
            }
            Tensor dOut = run.activation(33, 24);
            device.linearBackward(
                    dOut,
                    x,
                    w,
                    false,
                    run.newActivation(33, width),
                    false,
                    run.result(run.float32(width, 24)),
                    run.result(run.float32(24)));
            device.linearBackward(
                    dOut,
                    x,
                    wTransposed,
                    true,
                    run.result(run.float32(33, width)),
                    true,
                    run.newFloat32(24, width),
                    null);
        });
    }

    @Test
    void rows() {
        check((run, device) -> {
            Ints ids = run.ints(50, 9);
            device.gather(ids, run.float32(9, 20), run.newActivation(50, 20), false);
            device.gather(ids, run.activation(9, 20), run.result(run.activation(50, 20)), true);
            device.scatterAdd(ids, run.activation(50, 20), run.newFloat32(9, 20));
            device.addRows(run.activation(50, 20), run.float32(10, 20), run.newActivation(50, 20));
            device.addRows(run.activation(50, 20), run.activation(1, 20), run.newActivation(50, 20));
            device.sumRows(run.activation(50, 20), run.newFloat32(10, 20));
        });
    }

    @Test
    void headVectors() {
        check((run, device) -> {
            Tensor qkv = run.activation(12, 60);
            Heads x = Heads.columns(qkv, 20, 10);
            Heads pe = Heads.shared(run.activation(4, 13), 3);
            Heads out = Heads.columns(run.newActivation(12, 20), 0, 10);
            device.rotary(x, 12, 2, 10, run.float32(4, 5), run.float32(4, 5), false, out);
            device.multiplyHeads(x, 12, 2, 10, pe, 4, Heads.columns(run.newActivation(12, 20), 0, 10));
            device.addHeads(x, 12, 2, 10, pe, 4, Heads.columns(run.newActivation(12, 20), 0, 10));
            Heads dOut = Heads.columns(run.activation(12, 20), 0, 10);
            device.multiplyHeadsBackward(
                    dOut,
                    x,
                    12,
                    2,
                    10,
                    pe,
                    4,
                    Heads.columns(run.newActivation(12, 20), 0, 10),
                    Heads.shared(run.newFloat32(4, 10), 0));
            device.addHeadsBackward(dOut, 12, 2, 10, Heads.columns(run.newFloat32(4, 20), 0, 10), 4);
        });
    }

    /** Widths for tensor cores with and without position vectors, and one that they do not have. */
    @ParameterizedTest
    @ValueSource(ints = {32, 64, 80, 96, 128, 20})
    void attention(int width) {
        for (int positions : new int[] {0, width, 12}) {
            for (float rate : new float[] {0, 0.2f}) {
                check((run, device) -> attention(run, device, width, positions, rate));
            }
        }
    }

    private static void attention(Run run, Device device, int width, int positions, float rate) {
        int batch = 4;
        int length = 70;
        int heads = 2;
        Attention plain = Attention.plain(batch, length, heads, width, true).withSlopes(new float[] {0.5f, 0.1f});
        Attention spec = (positions == 0 ? plain : plain.withPositions(2, positions, 0.5f)).withDropout(rate, 5);
        Tensor qkv = run.activation(batch * length, 3 * heads * width);
        Tensor pe = positions == 0 ? null : run.activation(2 * length, 2 * heads * positions);
        Tensor dPe = positions == 0 ? null : run.newFloat32(2 * length, 2 * heads * positions);
        Tensor dQkv = run.newActivation(batch * length, 3 * heads * width);
        Heads out = Heads.columns(run.newActivation(batch * length, heads * width), 0, width);
        Tensor logSumExp = run.newFloat32(batch, heads, length);
        AttentionHeads in = heads(qkv, pe, heads * width, width, heads * positions, positions);
        device.attention(spec, in, out, logSumExp);
        device.attentionBackward(
                spec,
                in,
                out,
                logSumExp,
                Heads.columns(run.activation(batch * length, heads * width), 0, width),
                heads(dQkv, dPe, heads * width, width, heads * positions, positions));
    }

    private static AttentionHeads heads(Tensor qkv, Tensor pe, int row, int width, int positionRow, int positions) {
        return new AttentionHeads(
                Heads.columns(qkv, 0, width),
                Heads.columns(qkv, row, width),
                Heads.columns(qkv, 2 * row, width),
                pe == null ? null : Heads.columns(pe, 0, positions),
                pe == null ? null : Heads.columns(pe, positionRow, positions));
    }

    /** Widths and slots that the fast kernels have, more slots than they have, and another width. */
    @ParameterizedTest
    @ValueSource(ints = {8 << 16 | 64, 5 << 16 | 32, 16 << 16 | 128, 20 << 16 | 64, 6 << 16 | 18})
    void listAttention(int shape) {
        int slots = shape >> 16;
        int width = shape & 0xffff;
        check((run, device) -> {
            int rows = 150;
            int sources = 40;
            ListAttention spec = new ListAttention(rows, sources, 2, width, 0.3f, slots, 0.1f, 3);
            int[] lists = new int[rows * slots];
            for (int i = 0; i < lists.length; i++) {
                int slot = i % slots;
                lists[i] = slot == 0 ? 0 : slot > i / slots % slots ? -1 : (i * 7) % sources;
            }
            Ints keys = device.allocateInts(lists.length);
            keys.upload(lists);
            Ints queries = run.ints(rows, sources);
            Tensor qkv = run.activation(sources, 6 * width);
            Tensor dQkv = run.newActivation(sources, 6 * width);
            Tensor weights = run.newFloat32(rows, 2, slots);
            AttentionHeads in = heads(qkv, null, 2 * width, width, 0, 0);
            device.listAttention(
                    spec, queries, keys, in, Heads.columns(run.newActivation(rows, 2 * width), 0, width), weights);
            device.listAttentionBackward(
                    spec,
                    queries,
                    keys,
                    in,
                    weights,
                    Heads.columns(run.activation(rows, 2 * width), 0, width),
                    heads(dQkv, null, 2 * width, width, 0, 0));
        });
    }

    /** Classes of one warp, of a block, and of rows in shared memory; with padding and without. */
    @ParameterizedTest
    @ValueSource(ints = {257, 2003, 9001})
    void losses(int classes) {
        check((run, device) -> {
            int pitch = device.pitch(classes);
            Tensor logits = run.activation(5, pitch);
            device.crossEntropy(logits, classes, run.ints(5, classes), 1, 0.1f, true, 2, run.newFloat32(5));
            run.result(logits);
            Tensor teacher = run.result(run.activation(9, 20));
            device.divergence(teacher, run.result(run.activation(9, 20)), 0.5f, true, 0.7f, 1, run.newFloat32(9));
        });
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void paddingOfLogitsIsNotRead(Precision precision) {
        Device device = precision == Precision.FLOAT32 ? exact : rounded;
        Tensor logits = device.allocate(precision, 2, 8);
        logits.upload(1, 2, 3, Float.NaN, 99, 99, 99, 99, 3, 2, 1, Float.NaN, 99, 99, 99, 99);
        Ints labels = device.allocateInts(2);
        labels.upload(2, -1);
        Tensor loss = device.allocate(2);
        device.crossEntropy(logits, 3, labels, 1, 0, true, 1, loss);
        assertThat(loss.toArray()[0]).isCloseTo(0.4076f, within(1e-3f));
        float[] gradient = logits.toArray();
        for (int i = 3; i < gradient.length; i++) {
            assertThat(gradient[i]).as("element %d", i).isZero();
        }
    }

    /** The optimizer's step leaves the parameters rounded in the copy that products read. */
    @Test
    void theOptimizerBringsOperandsUpToDate() {
        int size = 1000;
        Run run = new Run(rounded);
        Tensor parameters = run.float32(size);
        Tensor operands = rounded.allocate(Precision.BFLOAT16, size);
        AdamWStep step = new AdamWStep(0.1, 0.9, 0.99, 1e-8, 1, List.of(new AdamWStep.Decay(10, 500, 0.1)));
        rounded.adamW(step, parameters, operands, run.float32(size), rounded.allocate(size), rounded.allocate(size));
        float[] exactly = parameters.toArray();
        float[] found = operands.toArray();
        for (int i = 0; i < size; i++) {
            assertThat(found[i]).isEqualTo(Precision.fromBfloat16(Precision.toBfloat16(exactly[i])));
        }
    }

    @Test
    void refusesToMixPrecisionsWhereNoKernelDoes() {
        Tensor wide = rounded.allocate(4);
        Tensor narrow = rounded.allocate(Precision.BFLOAT16, 4);
        assertThatThrownBy(() -> rounded.add(narrow, wide, narrow))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Cannot ");
        assertThatThrownBy(() -> rounded.axpy(1, wide, narrow)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rounded.adam(narrow, wide, wide, 1, 0.9, 0.99, 1e-8, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
