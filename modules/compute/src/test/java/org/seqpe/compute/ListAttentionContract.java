package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

interface ListAttentionContract extends UsesDevice {
    @Test
    default void listAttentionSeesTheNamedRows() {
        // Rows, heads, head width, slots.
        for (int[] s : new int[][] {{1, 1, 3, 1}, {7, 3, 8, 4}, {130, 2, 20, 6}, {33, 2, 64, 5}, {513, 1, 8, 3}}) {
            for (float dropout : new float[] {0, 0.2f}) {
                for (Layout layout : new Layout[] {Layout.THIRD, Layout.GAPS}) {
                    listAttention(s[0], s[1], s[2], s[3], dropout, layout);
                }
            }
        }
    }

    private void listAttention(int rows, int heads, int width, int slots, float dropout, Layout layout) {
        Probe probe = new Probe(device(), "listAttention", rows, heads, width, slots, dropout, layout);
        int[] lists = lists(probe, rows, slots);
        double[] q = probe.normal(rows * heads * width);
        double[] k = probe.normal(q.length);
        double[] v = probe.normal(q.length);
        double[] gradient = probe.normal(q.length);
        float scale = 0.4f;
        Field query = Field.of(probe, layout, q, rows, heads, width);
        Field key = Field.of(probe, layout, k, rows, heads, width);
        Field value = Field.of(probe, layout, v, rows, heads, width);
        Field out = Field.poisoned(probe, layout, rows, heads, width);
        Tensor weights = probe.poisoned(rows, heads, slots);
        Ints keys = probe.ints(lists);
        device().listAttention(rows, heads, width, scale, keys, slots, dropout, 11, query.heads, key.heads, value.heads, out.heads, weights);
        Loops.Listed expected = Loops.listAttention(rows, heads, width, scale, lists, slots, dropout, 11, q, k, v);
        probe.close("out", out.read(), expected.out());
        probe.close("weights, 0 beyond the end of a list", weights, expected.weights());
        Field evaluated = Field.poisoned(probe, layout, rows, heads, width);
        device().listAttention(rows, heads, width, scale, keys, slots, dropout, 11, query.heads, key.heads, value.heads, evaluated.heads, null);
        probe.close("out without weights", evaluated.read(), expected.out());

        Field dOut = Field.of(probe, layout, gradient, rows, heads, width);
        Field dQuery = Field.poisoned(probe, layout, rows, heads, width);
        Field dKey = Field.poisoned(probe, layout, rows, heads, width);
        Field dValue = Field.poisoned(probe, layout, rows, heads, width);
        device().listAttentionBackward(rows, heads, width, scale, keys, slots, dropout, 11, query.heads, key.heads, value.heads, weights,
                dOut.heads, dQuery.heads, dKey.heads, dValue.heads);
        DoubleSupplier loss = () -> Probe.dot(gradient, Loops.listAttention(rows, heads, width, scale, lists, slots, dropout, 11, q, k, v).out());
        probe.gradient("dQuery", q, loss, dQuery.read());
        probe.gradient("dKey", k, loss, dKey.read());
        probe.gradient("dValue", v, loss, dValue.read());
    }

    /** Lists of 1 to all slots, whose rows are drawn with a preference for the first few, as prefixes are shared; some rows nobody sees. */
    private static int[] lists(Probe probe, int rows, int slots) {
        int[] lists = new int[rows * slots];
        Arrays.fill(lists, -1);
        for (int row = 0; row < rows; row++) {
            int count = 1 + probe.random.nextInt(slots);
            for (int s = 0; s < count; s++) {
                lists[row * slots + s] = probe.random.nextInt(1 + probe.random.nextInt(rows));
            }
        }
        return lists;
    }

    @Test
    default void listAttentionRefusesWhatDoesNotFit() {
        Heads x = Heads.columns(device().allocate(3, 8), 0, 4);
        Heads few = Heads.columns(device().allocate(2, 8), 0, 4);
        Tensor weights = device().allocate(3, 2, 2);
        Ints keys = device().allocateInts(8);
        keys.upload(0, -1, 1, 0, 2, 1);
        Probe.refuses("few keys", () -> device().listAttention(3, 2, 4, 1, keys, 2, 0, 0, x, few, x, x, weights));
        Probe.refuses("slots", () -> device().listAttention(3, 2, 4, 1, keys, 3, 0, 0, x, x, x, x, weights));
        Probe.refuses("weights", () -> device().listAttention(3, 2, 4, 1, keys, 2, 0, 0, x, x, x, x, device().allocate(3, 2)));
        Probe.refuses("few gradients", () -> device().listAttentionBackward(3, 2, 4, 1, keys, 2, 0, 0, x, x, x, weights, few, x, x, x));
        keys.upload(0, -1, -1, 0, 2, 1);
        Probe.refuses("an empty list", () -> device().listAttention(3, 2, 4, 1, keys, 2, 0, 0, x, x, x, x, weights));
        keys.upload(0, -1, 1, 3, 2, 1);
        assertThatThrownBy(() -> device().listAttention(3, 2, 4, 1, keys, 2, 0, 0, x, x, x, x, weights))
                .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("3");
    }
}
