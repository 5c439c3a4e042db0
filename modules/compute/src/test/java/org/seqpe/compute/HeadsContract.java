package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

interface HeadsContract extends UsesDevice {
    /** Rows, heads, head width, position rows. */
    int[][] SHAPES = {{1, 1, 8, 1}, {7, 3, 20, 7}, {14, 2, 64, 7}, {33, 12, 8, 5}, {1303, 2, 20, 330}, {5, 2, 20, 9}};

    /** Every layout at one shape; where keys stand beside queries and values at the others. */
    private static Layout[] layouts(int[] shape) {
        return shape[0] == 14 ? Layout.values() : new Layout[] {Layout.THIRD};
    }

    @Test
    default void rotaryTurnsPairsAndBack() {
        for (int[] s : SHAPES) {
            for (Layout layout : layouts(s)) {
                for (int tableHeads : s[1] == 1 ? new int[] {1} : new int[] {1, s[1]}) {
                    for (boolean inverse : new boolean[] {false, true}) {
                        rotary(s[0], s[1], s[2], s[3], layout, tableHeads, inverse);
                    }
                }
            }
        }
    }

    private void rotary(int rows, int heads, int width, int tableRows, Layout layout, int tableHeads, boolean inverse) {
        Probe probe = new Probe(device(), "rotary", rows, heads, width, tableRows, layout, tableHeads, inverse);
        double[] values = probe.normal(rows * heads * width);
        double[] angles = Arrays.stream(probe.normal(tableRows * tableHeads * width / 2))
                .map(v -> 3 * v)
                .toArray();
        Tensor sin = probe.tensor(Arrays.stream(angles).map(Math::sin).toArray(), tableRows, tableHeads * width / 2);
        Tensor cos = probe.tensor(Arrays.stream(angles).map(Math::cos).toArray(), tableRows, tableHeads * width / 2);
        double[] expected = Loops.rotary(values, rows, heads, width, angles, tableRows, tableHeads, inverse);
        Field x = Field.of(probe, layout, values, rows, heads, width);
        Field out = Field.poisoned(probe, Layout.GAPS, rows, heads, width);
        device().rotary(x.heads, rows, heads, width, sin, cos, inverse, out.heads);
        probe.close("out", out.read(), expected);
        device().rotary(x.heads, rows, heads, width, sin, cos, inverse, x.heads);
        assertThat(x.read()).as("in place, %s", probe).isEqualTo(out.read());
        device().rotary(x.heads, rows, heads, width, sin, cos, !inverse, x.heads);
        probe.close("turned back", x.read(), values);
    }

    @Test
    default void positionVectorsMultiplyAndAdd() {
        for (int[] s : SHAPES) {
            for (Layout layout : layouts(s)) {
                for (boolean shared : new boolean[] {false, true}) {
                    positions(s[0], s[1], s[2], s[3], layout, shared);
                }
            }
        }
    }

    private void positions(int rows, int heads, int width, int peRows, Layout layout, boolean shared) {
        Probe probe = new Probe(device(), "multiplyHeads and addHeads", rows, heads, width, peRows, layout, shared);
        int peHeads = shared ? 1 : heads;
        double[] values = probe.normal(rows * heads * width);
        double[] vectors = probe.normal(peRows * peHeads * width);
        double[] gradient = probe.normal(rows * heads * width);
        double[] start = probe.normal(peRows * peHeads * width);
        double[] product = new double[values.length];
        double[] sum = new double[values.length];
        double[] dX = new double[values.length];
        double[] dPeOfProduct = start.clone();
        double[] dPeOfSum = start.clone();
        for (int i = 0; i < values.length; i++) {
            int at = Loops.shared(i / width / heads % peRows, i / width % heads, i % width, peHeads, width);
            product[i] = values[i] * vectors[at];
            sum[i] = values[i] + vectors[at];
            dX[i] = gradient[i] * vectors[at];
            dPeOfProduct[at] += gradient[i] * values[i];
            dPeOfSum[at] += gradient[i];
        }
        Field x = Field.of(probe, layout, values, rows, heads, width);
        Field pe = Field.of(probe, layout, vectors, peRows, peHeads, width);
        Heads peVectors = shared ? pe.shared() : pe.heads;
        Field out = Field.poisoned(probe, layout, rows, heads, width);
        device().multiplyHeads(x.heads, rows, heads, width, peVectors, peRows, out.heads);
        probe.close("product", out.read(), product);
        Field sums = Field.poisoned(probe, layout, rows, heads, width);
        device().addHeads(x.heads, rows, heads, width, peVectors, peRows, sums.heads);
        probe.close("sum", sums.read(), sum);

        Field dOut = Field.of(probe, layout, gradient, rows, heads, width);
        Field dPe = Field.of(probe, layout, start, peRows, peHeads, width);
        Heads dPeVectors = shared ? dPe.shared() : dPe.heads;
        Field result = Field.poisoned(probe, Layout.THIRD, rows, heads, width);
        device().multiplyHeadsBackward(
                        dOut.heads, x.heads, rows, heads, width, peVectors, peRows, result.heads, dPeVectors);
        probe.close("dX of the product", result.read(), dX);
        probe.close("dPe of the product", dPe.read(), dPeOfProduct);
        Field dPeSum = Field.of(probe, layout, start, peRows, peHeads, width);
        device().addHeadsBackward(dOut.heads, rows, heads, width, shared ? dPeSum.shared() : dPeSum.heads, peRows);
        probe.close("dPe of the sum", dPeSum.read(), dPeOfSum);

        device().multiplyHeadsBackward(
                        dOut.heads, x.heads, rows, heads, width, peVectors, peRows, dOut.heads, dPeVectors);
        probe.close("dX in place of dOut", dOut.read(), dX);
        Field again = Field.of(probe, layout, values, rows, heads, width);
        device().multiplyHeads(again.heads, rows, heads, width, peVectors, peRows, again.heads);
        probe.close("product in place", again.read(), product);
        device().addHeads(x.heads, rows, heads, width, peVectors, peRows, x.heads);
        probe.close("sum in place", x.read(), sum);
    }

    @Test
    default void headKernelsRefuseWhatDoesNotFit() {
        Tensor small = device().allocate(4, 12);
        Heads x = Heads.columns(small, 0, 6);
        Heads shared = Heads.shared(small, 0);
        Tensor angles = device().allocate(4, 3);
        Tensor odd = device().allocate(4, 5);
        Probe.refuses("more rows", () -> device().rotary(x, 5, 2, 6, angles, angles, false, x));
        Probe.refuses("more heads", () -> device().rotary(x, 4, 3, 6, angles, angles, false, x));
        Probe.refuses("other angles", () -> device().rotary(x, 4, 2, 6, odd, odd, false, x));
        Probe.refuses("an odd width", () -> device().rotary(x, 4, 2, 5, odd, odd, false, x));
        Probe.refuses("an output with shared heads", () -> device().addHeads(x, 4, 2, 6, shared, 4, shared));
        Probe.refuses("no position rows", () -> device().addHeads(x, 4, 2, 6, shared, 0, x));
        Probe.refuses("more position rows", () -> device().multiplyHeads(x, 4, 2, 6, shared, 5, x));
        Probe.refuses("more position rows backward", () -> device().addHeadsBackward(x, 4, 2, 6, shared, 5));
        Probe.refuses("more rows backward", () -> device().multiplyHeadsBackward(x, x, 5, 2, 6, shared, 4, x, shared));
        Probe.refuses("an offset outside", () -> new Heads(small, 49, 12, 6));
    }
}
