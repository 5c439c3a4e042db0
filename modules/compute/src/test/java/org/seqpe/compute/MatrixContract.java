package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

interface MatrixContract extends UsesDevice {
    boolean[] BOTH = {false, true};

    @Test
    default void matmulTransposesScalesAndAccumulates() {
        for (int[] s :
                new int[][] {{1, 1, 1}, {7, 1, 20}, {1, 61, 8}, {8, 20, 1}, {33, 64, 61}, {513, 8, 20}, {7, 20, 513}}) {
            for (boolean transposeA : BOTH) {
                for (boolean transposeB : BOTH) {
                    int m = s[0];
                    int n = s[1];
                    int k = s[2];
                    Probe probe = new Probe(device(), "matmul", m, n, k, transposeA, transposeB);
                    double[] a = probe.normal(m * k);
                    double[] b = probe.normal(k * n);
                    double[] product = Loops.matmul(a, transposeA, b, transposeB, m, n, k);
                    Tensor x = transposeA ? probe.tensor(a, k, m) : probe.tensor(a, m, k);
                    Tensor y = transposeB ? probe.tensor(b, n, k) : probe.tensor(b, k, n);
                    Tensor c = probe.poisoned(m, n);
                    device().matmul(x, transposeA, y, transposeB, 1, 0, c);
                    probe.close("product", c, product);
                    device().matmul(x, transposeA, y, transposeB, 0.5f, 1, c);
                    probe.close(
                            "accumulated half product",
                            c,
                            Arrays.stream(product).map(v -> 1.5 * v).toArray());
                    device().matmul(x, transposeA, y, transposeB, 1, -2, c);
                    probe.close(
                            "with beta -2",
                            c,
                            Arrays.stream(product).map(v -> -2 * v).toArray());
                }
            }
        }
    }

    @Test
    default void matmulBatchedWorksInsideLargerArrays() {
        for (int[] s : new int[][] {{1, 1, 1, 1}, {3, 7, 8, 20}, {4, 33, 33, 8}, {5, 1, 61, 3}}) {
            for (boolean transposeA : BOTH) {
                for (boolean transposeB : BOTH) {
                    matmulBatched(s[0], s[1], s[2], s[3], transposeA, transposeB);
                }
            }
        }
    }

    private void matmulBatched(int count, int m, int n, int k, boolean transposeA, boolean transposeB) {
        Probe probe = new Probe(device(), "matmulBatched", count, m, n, k, transposeA, transposeB);
        int rowsA = transposeA ? k : m;
        int columnsA = transposeA ? m : k;
        int rowsB = transposeB ? n : k;
        int columnsB = transposeB ? k : n;
        // a: matrices side by side, as heads in [T, H*D]; b: one after the other with a gap; c: rows with gaps.
        int leadingA = count * columnsA + 3;
        int leadingB = columnsB + 1;
        int strideB = rowsB * leadingB + 5;
        int leadingC = n + 2;
        int strideC = m * leadingC;
        double[] a = probe.normal(rowsA * leadingA);
        double[] b = probe.normal(count * strideB);
        double[] c = probe.normal(count * strideC);
        double[] expected = c.clone();
        for (int i = 0; i < count; i++) {
            double[] product = Loops.matmul(
                    cut(a, i * columnsA, rowsA, columnsA, leadingA),
                    transposeA,
                    cut(b, i * strideB, rowsB, columnsB, leadingB),
                    transposeB,
                    m,
                    n,
                    k);
            for (int j = 0; j < m * n; j++) {
                int at = i * strideC + j / n * leadingC + j % n;
                expected[at] = 0.5 * product[j] + 2 * c[at];
            }
        }
        Tensor result = probe.tensor(c, c.length);
        device().matmulBatched(
                        count,
                        m,
                        n,
                        k,
                        0.5f,
                        probe.tensor(a, a.length),
                        leadingA,
                        columnsA,
                        transposeA,
                        probe.tensor(b, b.length),
                        leadingB,
                        strideB,
                        transposeB,
                        2,
                        result,
                        leadingC,
                        strideC);
        probe.close("c and what lies between", result, expected);
        Tensor packed = probe.poisoned(count, m, n);
        device().matmulBatched(
                        count,
                        m,
                        n,
                        k,
                        1,
                        probe.tensor(a, a.length),
                        leadingA,
                        columnsA,
                        transposeA,
                        probe.tensor(b, b.length),
                        leadingB,
                        strideB,
                        transposeB,
                        0,
                        packed,
                        n,
                        (long) m * n);
        assertThat(packed.toArray()).as("written without being read").doesNotContain(Float.NaN);
    }

    private static double[] cut(double[] array, int first, int rows, int columns, int leading) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = array[first + i / columns * leading + i % columns];
        }
        return values;
    }

    /** N rows, K inputs, M outputs. */
    int[][] LINEAR_SHAPES = {{1, 1, 1}, {1, 20, 61}, {7, 8, 64}, {33, 61, 20}, {513, 20, 8}, {513, 64, 61}};

    @Test
    default void linearAddsTheBias() {
        for (int[] s : LINEAR_SHAPES) {
            for (boolean transposeW : BOTH) {
                int n = s[0];
                int k = s[1];
                int m = s[2];
                Probe probe = new Probe(device(), "linear", n, k, m, transposeW);
                double[] x = probe.normal(n * k);
                double[] w = probe.normal(k * m);
                double[] bias = probe.normal(m);
                double[] pre = Loops.linear(x, w, transposeW, bias, n, k, m);
                Tensor input = probe.tensor(x, n, k);
                Tensor weight = transposeW ? probe.tensor(w, m, k) : probe.tensor(w, k, m);
                Tensor out = probe.poisoned(n, m);
                device().linear(input, weight, transposeW, probe.tensor(bias, m), out);
                probe.close("out", out, pre);
                Tensor plain = probe.poisoned(n, m);
                device().linear(input, weight, transposeW, null, plain);
                probe.close("out without bias", plain, Loops.linear(x, w, transposeW, null, n, k, m));
                for (Gelu form : Gelu.values()) {
                    linearGelu(probe, form, input, weight, transposeW, probe.tensor(bias, m), pre);
                }
            }
        }
    }

    private void linearGelu(
            Probe probe, Gelu form, Tensor x, Tensor w, boolean transposeW, Tensor bias, double[] expectedPre) {
        double[] expected =
                Arrays.stream(expectedPre).map(v -> Loops.gelu(form, v)).toArray();
        Tensor pre = probe.poisoned(x.rows(), bias.size());
        Tensor out = probe.poisoned(x.rows(), bias.size());
        device().linearGelu(form, x, w, transposeW, bias, pre, out);
        probe.close("pre of linearGelu " + form, pre, expectedPre);
        probe.close("out of linearGelu " + form, out, expected);
        Tensor alone = probe.poisoned(x.rows(), bias.size());
        device().linearGelu(form, x, w, transposeW, bias, null, alone);
        probe.close("out of linearGelu without pre " + form, alone, expected);
    }

    @Test
    default void linearBackwardIsTheGradient() {
        for (int[] s : LINEAR_SHAPES) {
            for (boolean transposeW : BOTH) {
                linearBackward(s[0], s[1], s[2], transposeW);
            }
        }
    }

    private void linearBackward(int n, int k, int m, boolean transposeW) {
        Probe probe = new Probe(device(), "linearBackward", n, k, m, transposeW);
        double[] x = probe.normal(n * k);
        double[] w = probe.normal(k * m);
        double[] bias = probe.normal(m);
        double[] gradient = probe.normal(n * m);
        double[] startX = probe.normal(n * k);
        double[] startW = probe.normal(k * m);
        double[] startBias = probe.normal(m);
        long[] shapeW = transposeW ? new long[] {m, k} : new long[] {k, m};
        Tensor input = probe.tensor(x, n, k);
        Tensor weight = probe.tensor(w, shapeW);
        Tensor dOut = probe.tensor(gradient, n, m);
        Tensor dX = probe.poisoned(n, k);
        Tensor dW = probe.tensor(startW, shapeW);
        Tensor dBias = probe.tensor(startBias, m);
        device().linearBackward(dOut, input, weight, transposeW, dX, false, dW, dBias);
        DoubleSupplier loss = () -> Probe.dot(gradient, Loops.linear(x, w, transposeW, bias, n, k, m));
        probe.gradient("dX", x, loss, Probe.doubles(dX));
        probe.gradient("dW", w, loss, Probe.difference(Probe.doubles(dW), startW));
        probe.gradient("dBias", bias, loss, Probe.difference(Probe.doubles(dBias), startBias));
        // Where it may be compared exactly, a product of its own says more than samples do.
        probe.close("dX in full", dX, Loops.matmul(gradient, false, w, !transposeW, n, k, m));

        Tensor accumulated = probe.tensor(startX, n, k);
        device().linearBackward(dOut, input, weight, transposeW, accumulated, true, null, null);
        probe.close("accumulated dX", accumulated, Probe.sum(startX, Probe.doubles(dX)));
        Tensor dWAlone = probe.tensor(startW, shapeW);
        device().linearBackward(dOut, input, weight, transposeW, null, false, dWAlone, null);
        assertThat(dWAlone.toArray()).as("dW alone").isEqualTo(dW.toArray());
    }

    @Test
    default void layerNormNormalisesRows() {
        for (int[] s : matrixShapes()) {
            for (double offset : new double[] {0, 30}) {
                int n = s[0];
                int c = s[1];
                Probe probe = new Probe(device(), "layerNorm", n, c, offset);
                double[] x = Arrays.stream(probe.normal(n * c))
                        .map(v -> (float) (v + offset))
                        .toArray();
                double[] weight = probe.normal(c);
                double[] bias = probe.normal(c);
                Tensor out = probe.poisoned(n, c);
                Tensor mean = probe.poisoned(n);
                Tensor rstd = probe.poisoned(n);
                device().layerNorm(
                                probe.tensor(x, n, c),
                                probe.tensor(weight, c),
                                probe.tensor(bias, c),
                                1e-5f,
                                out,
                                mean,
                                rstd);
                double[] means = new double[n];
                double[] rstds = new double[n];
                for (int i = 0; i < n; i++) {
                    means[i] = Loops.mean(x, i * c, c);
                    rstds[i] = Loops.rstd(x, i * c, c, 1e-5);
                }
                probe.close("mean", mean, means);
                if (offset == 0) {
                    probe.close("out", out, Loops.layerNorm(x, weight, bias, 1e-5));
                    probe.close("rstd", rstd, rstds);
                } else {
                    // Around 30 the inputs themselves are rounded by 2e-6; a one-pass variance would be wrong in the
                    // third digit.
                    assertThat(rstd.toArray()[0] / rstds[0])
                            .as("rstd of %s", probe)
                            .isBetween(1 - 1e-4, 1 + 1e-4);
                }
            }
        }
    }

    @Test
    default void layerNormBackwardIsTheGradient() {
        for (int[] s : matrixShapes()) {
            layerNormBackward(s[0], s[1]);
        }
    }

    /** The same as its parts, one after another. */
    @Test
    default void addLayerNormIsTheResidualConnectionAndTheNorm() {
        for (int[] s : matrixShapes()) {
            for (float rate : new float[] {0, 0.3f}) {
                addLayerNorm(s[0], s[1], rate);
            }
        }
    }

    private void addLayerNorm(int n, int c, float rate) {
        Probe probe = new Probe(device(), "addLayerNorm", n, c, rate);
        double[] x = probe.normal(n * c);
        double[] branch = probe.normal(n * c);
        double[] gradient = probe.normal(n * c);
        double[] dStart = probe.normal(n * c);
        Tensor weight = probe.tensor(probe.normal(c), c);
        Tensor bias = probe.tensor(probe.normal(c), c);
        Tensor[][] results = new Tensor[2][];
        for (int fused = 0; fused < 2; fused++) {
            Tensor stream = probe.tensor(x, n, c);
            Tensor delta = probe.tensor(branch, n, c);
            Tensor out = probe.poisoned(n, c);
            Tensor mean = probe.poisoned(n);
            Tensor rstd = probe.poisoned(n);
            Tensor dOut = probe.tensor(gradient, n, c);
            Tensor dSum = probe.tensor(dStart, n, c);
            Tensor dWeight = device().allocate(c);
            Tensor dBias = device().allocate(c);
            Tensor dDelta;
            if (fused == 1) {
                device().addLayerNorm(stream, delta, rate, 9, weight, bias, 1e-5f, stream, out, mean, rstd);
                dDelta = device().addLayerNormBackward(
                                dOut, stream, weight, mean, rstd, dSum, rate, 9, dOut, dWeight, dBias);
            } else {
                device().dropout(delta, rate, 9, delta);
                device().add(stream, delta, stream);
                device().layerNorm(stream, weight, bias, 1e-5f, out, mean, rstd);
                device().layerNormBackward(dOut, stream, weight, mean, rstd, dSum, true, dWeight, dBias);
                dDelta = device().allocate(n, c);
                device().dropout(dSum, rate, 9, dDelta);
            }
            results[fused] = new Tensor[] {stream, out, mean, rstd, dSum, dDelta, dWeight, dBias};
        }
        for (int i = 0; i < results[0].length; i++) {
            probe.close("result " + i, results[1][i], Probe.doubles(results[0][i]));
        }
    }

    private void layerNormBackward(int n, int c) {
        Probe probe = new Probe(device(), "layerNormBackward", n, c);
        double[] x = probe.normal(n * c);
        double[] weight = probe.normal(c);
        double[] bias = probe.normal(c);
        double[] gradient = probe.normal(n * c);
        double[] startX = probe.normal(n * c);
        double[] startWeight = probe.normal(c);
        double[] startBias = probe.normal(c);
        Tensor input = probe.tensor(x, n, c);
        Tensor scale = probe.tensor(weight, c);
        Tensor mean = probe.poisoned(n);
        Tensor rstd = probe.poisoned(n);
        device().layerNorm(input, scale, probe.tensor(bias, c), 0.01f, probe.poisoned(n, c), mean, rstd);
        Tensor dOut = probe.tensor(gradient, n, c);
        Tensor dX = probe.poisoned(n, c);
        Tensor dWeight = probe.tensor(startWeight, c);
        Tensor dBias = probe.tensor(startBias, c);
        device().layerNormBackward(dOut, input, scale, mean, rstd, dX, false, dWeight, dBias);
        // 0.01f: the epsilon as the kernel gets it.
        DoubleSupplier loss = () -> Probe.dot(gradient, Loops.layerNorm(x, weight, bias, 0.01f));
        probe.gradient("dX", x, loss, Probe.doubles(dX));
        probe.gradient("dWeight", weight, loss, Probe.difference(Probe.doubles(dWeight), startWeight));
        probe.gradient("dBias", bias, loss, Probe.difference(Probe.doubles(dBias), startBias));

        Tensor accumulated = probe.tensor(startX, n, c);
        device().layerNormBackward(dOut, input, scale, mean, rstd, accumulated, true, dWeight, dBias);
        probe.close("accumulated dX", accumulated, Probe.sum(startX, Probe.doubles(dX)));
        device().layerNormBackward(dOut, input, scale, mean, rstd, dOut, false, dWeight, dBias);
        assertThat(dOut.toArray()).as("dX in place of dOut").isEqualTo(dX.toArray());
    }

    @Test
    default void matrixKernelsRefuseOtherShapes() {
        Tensor matrix23 = device().allocate(2, 3);
        Tensor matrix34 = device().allocate(3, 4);
        Tensor matrix24 = device().allocate(2, 4);
        Tensor vector2 = device().allocate(2);
        Tensor vector3 = device().allocate(3);
        Probe.refuses("inner extents", () -> device().matmul(matrix23, false, matrix23, false, 1, 0, matrix24));
        Probe.refuses("result", () -> device().matmul(matrix23, false, matrix34, false, 1, 0, matrix23));
        Probe.refuses("batch", () -> device().matmulBatched(
                        2, 2, 4, 3, 1, matrix23, 3, 6, false, matrix34, 4, 0, false, 0, matrix24, 4, 0));
        Probe.refuses("bias", () -> device().linear(matrix23, matrix34, false, vector3, matrix24));
        Probe.refuses("weight", () -> device().linear(matrix23, matrix34, true, null, matrix24));
        Probe.refuses("pre", () -> device().linearGelu(Gelu.TANH, matrix23, matrix34, false, null, matrix23, matrix24));
        Probe.refuses(
                "dX", () -> device().linearBackward(matrix24, matrix23, matrix34, false, matrix24, false, null, null));
        Probe.refuses(
                "dW", () -> device().linearBackward(matrix24, matrix23, matrix34, false, null, false, matrix23, null));
        Probe.refuses(
                "norm weight", () -> device().layerNorm(matrix23, vector2, vector3, 1e-5f, matrix23, vector2, vector2));
        Probe.refuses(
                "norm mean", () -> device().layerNorm(matrix23, vector3, vector3, 1e-5f, matrix23, vector3, vector2));
        Probe.refuses("norm dWeight", () -> device().layerNormBackward(
                        matrix23, matrix23, vector3, vector2, vector2, matrix23, false, vector2, vector3));
    }
}
