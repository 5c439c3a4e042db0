package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

interface ListAttentionContract extends UsesDevice {
    @Test
    default void listAttentionSeesTheNamedRows() {
        // Rows, sources, heads, head width, slots.
        for (int[] s : new int[][] {
            {1, 1, 1, 3, 1},
            {7, 7, 3, 8, 4},
            {130, 11, 2, 20, 6},
            {33, 64, 2, 64, 5},
            {513, 513, 1, 8, 3},
            {1303, 64, 2, 20, 3}
        }) {
            for (float dropout : new float[] {0, 0.2f}) {
                for (Layout layout : new Layout[] {Layout.THIRD, Layout.GAPS}) {
                    listAttention(s[0], s[1], s[2], s[3], s[4], dropout, layout);
                }
            }
        }
    }

    private void listAttention(int rows, int sources, int heads, int width, int slots, float dropout, Layout layout) {
        Probe probe = new Probe(device(), "listAttention", rows, sources, heads, width, slots, dropout, layout);
        int[] lists = lists(probe, rows, sources, slots);
        int[] asking = IntStream.range(0, rows)
                .map(row -> probe.random.nextInt(sources))
                .toArray();
        double[] q = probe.normal(sources * heads * width);
        double[] k = probe.normal(q.length);
        double[] v = probe.normal(q.length);
        double[] gradient = probe.normal(rows * heads * width);
        float scale = 0.4f;
        Field query = Field.of(probe, layout, q, sources, heads, width);
        Field key = Field.of(probe, layout, k, sources, heads, width);
        Field value = Field.of(probe, layout, v, sources, heads, width);
        Field out = Field.poisoned(probe, layout, rows, heads, width);
        Tensor weights = probe.poisoned(rows, heads, slots);
        Ints queries = probe.ints(asking);
        Ints keys = probe.ints(lists);
        device().listAttention(
                        new ListAttention(rows, sources, heads, width, scale, slots, dropout, 11),
                        queries,
                        keys,
                        AttentionHeads.of(query.heads, key.heads, value.heads),
                        out.heads,
                        weights);
        Loops.Listed expected =
                Loops.listAttention(rows, heads, width, scale, asking, lists, slots, dropout, 11, q, k, v);
        probe.close("out", out.read(), expected.out());
        probe.close("weights, 0 beyond the end of a list", weights, expected.weights());
        Field evaluated = Field.poisoned(probe, layout, rows, heads, width);
        device().listAttention(
                        new ListAttention(rows, sources, heads, width, scale, slots, dropout, 11),
                        queries,
                        keys,
                        AttentionHeads.of(query.heads, key.heads, value.heads),
                        evaluated.heads,
                        null);
        probe.close("out without weights", evaluated.read(), expected.out());

        Field dOut = Field.of(probe, layout, gradient, rows, heads, width);
        Field dQuery = Field.poisoned(probe, layout, sources, heads, width);
        Field dKey = Field.poisoned(probe, layout, sources, heads, width);
        Field dValue = Field.poisoned(probe, layout, sources, heads, width);
        device().listAttentionBackward(
                        new ListAttention(rows, sources, heads, width, scale, slots, dropout, 11),
                        queries,
                        keys,
                        AttentionHeads.of(query.heads, key.heads, value.heads),
                        weights,
                        dOut.heads,
                        AttentionHeads.of(dQuery.heads, dKey.heads, dValue.heads));
        DoubleSupplier loss = () -> Probe.dot(
                gradient,
                Loops.listAttention(rows, heads, width, scale, asking, lists, slots, dropout, 11, q, k, v)
                        .out());
        probe.gradient("dQuery", q, loss, dQuery.read());
        probe.gradient("dKey", k, loss, dKey.read());
        probe.gradient("dValue", v, loss, dValue.read());
    }

    /**
     * Lists of 1 to all slots, whose rows are drawn with a preference for the first few, as prefixes are shared; some
     * rows nobody sees.
     */
    private static int[] lists(Probe probe, int rows, int sources, int slots) {
        int[] lists = new int[rows * slots];
        Arrays.fill(lists, -1);
        for (int row = 0; row < rows; row++) {
            int count = 1 + probe.random.nextInt(slots);
            for (int s = 0; s < count; s++) {
                lists[row * slots + s] = probe.random.nextInt(1 + probe.random.nextInt(sources));
            }
        }
        return lists;
    }

    @Test
    default void listAttentionRefusesWhatDoesNotFit() {
        Heads x = Heads.columns(device().allocate(3, 8), 0, 4);
        Heads few = Heads.columns(device().allocate(2, 8), 0, 4);
        Tensor weights = device().allocate(3, 2, 2);
        Ints queries = device().allocateInts(3);
        queries.upload(2, 0, 0);
        Ints keys = device().allocateInts(8);
        keys.upload(0, -1, 1, 0, 2, 1);
        Probe.refuses("few keys", () -> device().listAttention(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, few, x),
                        x,
                        weights));
        Probe.refuses("slots", () -> device().listAttention(
                        new ListAttention(3, 3, 2, 4, 1, 3, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        x,
                        weights));
        Probe.refuses("weights", () -> device().listAttention(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        x,
                        device().allocate(3, 2)));
        Probe.refuses("few gradients", () -> device().listAttentionBackward(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        weights,
                        few,
                        AttentionHeads.of(x, x, x)));
        Probe.refuses("few gradients of keys", () -> device().listAttentionBackward(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        weights,
                        x,
                        AttentionHeads.of(x, few, x)));
        keys.upload(0, -1, -1, 0, 2, 1);
        Probe.refuses("an empty list", () -> device().listAttention(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        x,
                        weights));
        keys.upload(0, -1, 1, 0, 2, 1);
        queries.upload(2, 0);
        Probe.refuses("few queries", () -> device().listAttention(
                        new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                        queries,
                        keys,
                        AttentionHeads.of(x, x, x),
                        x,
                        weights));
        queries.upload(2, -1, 0);
        assertThatThrownBy(() -> device().listAttention(
                                new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                                queries,
                                keys,
                                AttentionHeads.of(x, x, x),
                                x,
                                weights))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("-1");
        queries.upload(2, 0, 0);
        keys.upload(0, -1, 1, 3, 2, 1);
        assertThatThrownBy(() -> device().listAttention(
                                new ListAttention(3, 3, 2, 4, 1, 2, 0, 0),
                                queries,
                                keys,
                                AttentionHeads.of(x, x, x),
                                x,
                                weights))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("3");
    }
}
