package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

public interface ElementwiseContract extends UsesDevice {
    int[] SIZES = {1, 7, 64, 513, 50813};

    @Test
    default void fillCopyAxpyScaleAndAddFollowTheirFormulas() {
        for (int size : SIZES) {
            Probe probe = new Probe(device(), "elementwise", size);
            double[] a = probe.normal(size);
            double[] b = probe.normal(size);
            Tensor x = probe.tensor(a, size);
            Tensor y = probe.tensor(b, size);
            Tensor out = probe.poisoned(size);
            device().add(x, y, out);
            probe.close("add", out, Probe.sum(a, b));
            device().copy(x, out);
            assertThat(out.toArray()).isEqualTo(x.toArray());
            device().add(out, y, out);
            probe.close("add in place of a", out, Probe.sum(a, b));
            device().add(x, out, out);
            probe.close("add in place of b", out, Probe.sum(a, Probe.sum(a, b)));
            device().axpy(-2.5f, x, y);
            probe.close(
                    "axpy",
                    y,
                    Arrays.stream(Probe.difference(
                                    b, Arrays.stream(a).map(v -> 2.5 * v).toArray()))
                            .toArray());
            device().scale(x, 0.25f);
            probe.close("scale", x, Arrays.stream(a).map(v -> 0.25 * v).toArray());
            device().fill(out, -3);
            assertThat(out.toArray()).containsOnly(-3);
        }
    }

    @Test
    default void elementwiseKernelsTouchOnlyTheirView() {
        Probe probe = new Probe(device(), "views");
        Tensor whole = probe.tensor(new double[23], 23);
        Tensor view = whole.view(3, 17);
        device().fill(view, 1);
        device().gelu(Gelu.TANH, view, view);
        device().axpy(1, view, view.reshape(17));
        device().add(view, view, view);
        float[] values = whole.toArray();
        for (int i = 0; i < 23; i++) {
            assertThat(values[i] != 0).as("element %d", i).isEqualTo(i >= 3 && i < 20);
        }
    }

    @Test
    default void geluFollowsBothForms() {
        for (Gelu form : Gelu.values()) {
            for (int size : SIZES) {
                Probe probe = new Probe(device(), "gelu", form, size);
                double[] values = geluInputs(probe, size);
                double[] expected =
                        Arrays.stream(values).map(v -> Loops.gelu(form, v)).toArray();
                Tensor x = probe.tensor(values, size);
                Tensor out = probe.poisoned(size);
                device().gelu(form, x, out);
                probe.close("gelu", out, expected);
                device().gelu(form, x, x);
                assertThat(x.toArray()).as("in place").isEqualTo(out.toArray());
            }
        }
    }

    /** A few deviations around 0, with both far tails. */
    private static double[] geluInputs(Probe probe, int size) {
        double[] values =
                Arrays.stream(probe.normal(size)).map(v -> (float) (2 * v)).toArray();
        if (size > 5) {
            System.arraycopy(new double[] {0, -20, 20, -100, 1e-6f}, 0, values, 1, 5);
        }
        return values;
    }

    @Test
    default void geluBackwardIsTheDerivative() {
        for (Gelu form : Gelu.values()) {
            for (int size : SIZES) {
                Probe probe = new Probe(device(), "geluBackward", form, size);
                double[] values = geluInputs(probe, size);
                double[] gradient = probe.normal(size);
                double[] expected = new double[size];
                for (int i = 0; i < size; i++) {
                    expected[i] = gradient[i]
                            * (Loops.gelu(form, values[i] + 1e-4) - Loops.gelu(form, values[i] - 1e-4))
                            / 2e-4;
                }
                Tensor x = probe.tensor(values, size);
                Tensor dOut = probe.tensor(gradient, size);
                Tensor dX = probe.poisoned(size);
                device().geluBackward(form, x, dOut, dX);
                probe.close("dX", dX, expected);
                device().geluBackward(form, x, dOut, dOut);
                assertThat(dOut.toArray()).as("in place").isEqualTo(dX.toArray());
            }
        }
    }

    @Test
    default void dropoutAppliesTheMaskOfRowAndColumn() {
        for (int[] shape : matrixShapes()) {
            Probe probe = new Probe(device(), "dropout", shape);
            double[] values = probe.normal(shape[0] * shape[1]);
            double[] expected = values.clone();
            for (int i = 0; i < values.length; i++) {
                expected[i] *= Dropout.factor(0.3f, 99, i / shape[1], i % shape[1]);
            }
            Tensor x = probe.tensor(values, shape[0], shape[1]);
            Tensor out = probe.poisoned(shape[0], shape[1]);
            device().dropout(x, 0.3f, 99, out);
            probe.close("out", out, expected);
            device().dropout(x, 0, 99, out);
            assertThat(out.toArray()).as("rate 0").isEqualTo(x.toArray());
            device().dropout(x, 0.3f, 99, x);
            probe.close("in place", x, expected);
        }
    }

    @Test
    default void scaleRowsMultipliesGroupsOfRows() {
        for (int[] shape : new int[][] {{6, 1, 6}, {6, 5, 3}, {40, 33, 8}, {1, 1030, 1}, {394, 64, 2}}) {
            int columns = shape[1];
            Probe probe = new Probe(device(), "scaleRows", shape);
            double[] values = probe.normal(shape[0] * columns);
            double[] factors = probe.normal(shape[2]);
            factors[0] = 0;
            double[] expected = values.clone();
            for (int i = 0; i < values.length; i++) {
                expected[i] *= factors[i / columns / (shape[0] / shape[2])];
            }
            Tensor x = probe.tensor(values, shape[0], columns);
            Tensor out = probe.poisoned(shape[0], columns);
            device().scaleRows(x, probe.tensor(factors, shape[2]), out);
            probe.close("out", out, expected);
            device().scaleRows(x, probe.tensor(factors, shape[2]), x);
            assertThat(x.toArray()).as("in place").isEqualTo(out.toArray());
        }
    }

    /** Angles of more than a turn too. */
    @Test
    default void sinCosFollowsBothFunctions() {
        for (int size : SIZES) {
            Probe probe = new Probe(device(), "sinCos", size);
            double[] angles =
                    Arrays.stream(probe.normal(size)).map(v -> (float) (30 * v)).toArray();
            Tensor sin = probe.poisoned(size);
            Tensor cos = probe.poisoned(size);
            device().sinCos(probe.tensor(angles, size), sin, cos);
            probe.close("sin", sin, Arrays.stream(angles).map(Math::sin).toArray());
            probe.close("cos", cos, Arrays.stream(angles).map(Math::cos).toArray());
        }
    }

    @Test
    default void elementwiseKernelsRefuseOtherSizes() {
        Tensor four = device().allocate(2, 2);
        Tensor five = device().allocate(5);
        Probe.refuses("copy", () -> device().copy(four, five));
        Probe.refuses("axpy", () -> device().axpy(1, four, five));
        Probe.refuses("add", () -> device().add(four, four, five));
        Probe.refuses("gelu", () -> device().gelu(Gelu.TANH, four, five));
        Probe.refuses("geluBackward", () -> device().geluBackward(Gelu.TANH, four, four, five));
        Probe.refuses("dropout", () -> device().dropout(four, 0.5f, 1, five));
        Probe.refuses("scaleRows", () -> device().scaleRows(four, five, four));
        Probe.refuses("sinCos", () -> device().sinCos(four, four, five));
        Probe.refuses("rate of 1", () -> device().dropout(four, 1, 1, four));
    }
}
