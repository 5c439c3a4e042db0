package org.seqpe.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

interface CachedAttentionContract extends UsesDevice {
    @Test
    default void copiesHeadsBetweenLayouts() {
        for (int[] s : new int[][] {{1, 1, 3}, {7, 3, 8}, {65, 2, 20}}) {
            for (Layout from : Layout.values()) {
                for (Layout to : Layout.values()) {
                    Probe probe = new Probe(device(), "copyHeads", s[0], s[1], s[2], from, to);
                    double[] x = probe.normal(s[0] * s[1] * s[2]);
                    Field in = Field.of(probe, from, x, s[0], s[1], s[2]);
                    Field out = Field.poisoned(probe, to, s[0], s[1], s[2]);
                    device().copyHeads(in.heads, s[0], s[1], s[2], out.heads);
                    probe.close("copy", out.read(), x);
                }
            }
        }
    }

    /** Caches of up to three times as many rows as a piece of the fast devices has. */
    @Test
    default void aNewRowSeesTheCacheAndItself() {
        // Heads, head width, width of position vectors; then the rows that samples have.
        int[][] shapes = {{1, 3, 0}, {3, 8, 8}, {2, 20, 12}, {2, 64, 64}, {1, 96, 0}};
        int[][] lengths = {{0}, {5, 0, 3}, {31, 32, 33, 7}, {700, 256, 255}};
        for (int[] shape : shapes) {
            for (int[] ofSamples : lengths) {
                for (Layout layout : new Layout[] {Layout.THIRD, Layout.GAPS}) {
                    cached(shape[0], shape[1], shape[2], false, false, layout, ofSamples);
                    cached(shape[0], shape[1], shape[2], true, shape[2] > 0, layout, ofSamples);
                }
            }
        }
    }

    private void cached(
            int heads, int width, int positions, boolean slopes, boolean shared, Layout layout, int... lengths) {
        Probe probe = new Probe(
                device(), "cachedAttention", heads, width, positions, slopes, shared, layout, Arrays.toString(lengths));
        int batch = lengths.length;
        int longest = Arrays.stream(lengths).max().orElseThrow();
        int capacity = longest + 3;
        float[] slopeOf = slopes ? new float[heads] : null;
        for (int h = 0; slopes && h < heads; h++) {
            slopeOf[h] = 0.3f / (h + 1);
        }
        CachedAttention spec =
                new CachedAttention(batch, capacity, longest, heads, width, 0.4f, slopeOf, positions, 0.7f);
        double[] q = probe.normal(batch * heads * width);
        double[] k = probe.normal(batch * heads * width);
        double[] v = probe.normal(batch * heads * width);
        // Rows after those of a sample hold NaN: nobody may read them.
        double[] keys = cache(probe, lengths, capacity, heads * width);
        double[] values = cache(probe, lengths, capacity, heads * width);
        int positionHeads = shared ? 1 : heads;
        double[] pq = probe.normal(batch * positionHeads * positions);
        double[] pk = probe.normal(capacity * positionHeads * positions);
        Field cachedKeys = Field.of(probe, layout, keys, batch * capacity, heads, width);
        Field cachedValues = Field.of(probe, layout, values, batch * capacity, heads, width);
        Heads positionQuery = positions == 0 ? null : positions(probe, layout, pq, batch, positionHeads, positions);
        Heads positionKeys = positions == 0 ? null : positions(probe, layout, pk, capacity, positionHeads, positions);
        Field out = Field.poisoned(probe, layout, batch, heads, width);
        device().cachedAttention(
                        spec,
                        probe.ints(lengths),
                        new AttentionHeads(
                                Field.of(probe, layout, q, batch, heads, width).heads,
                                Field.of(probe, layout, k, batch, heads, width).heads,
                                Field.of(probe, layout, v, batch, heads, width).heads,
                                positionQuery,
                                null),
                        cachedKeys.heads,
                        cachedValues.heads,
                        positionKeys,
                        out.heads);
        for (int b = 0; b < batch; b++) {
            int at = (b * capacity + lengths[b]) * heads * width;
            System.arraycopy(k, b * heads * width, keys, at, heads * width);
            System.arraycopy(v, b * heads * width, values, at, heads * width);
        }
        probe.close("out", out.read(), Loops.cachedAttention(spec, lengths, q, keys, values, pq, pk, shared));
        for (int b = 0; b < batch; b++) {
            for (int j = 0; j <= lengths[b]; j++) {
                int from = (b * capacity + j) * heads * width;
                int to = from + heads * width;
                probe.close(
                        "cached keys",
                        Arrays.copyOfRange(cachedKeys.read(), from, to),
                        Arrays.copyOfRange(keys, from, to));
                probe.close(
                        "cached values",
                        Arrays.copyOfRange(cachedValues.read(), from, to),
                        Arrays.copyOfRange(values, from, to));
                j = j == lengths[b] ? j : Math.max(j, lengths[b] - 2);
            }
        }
    }

    private static Heads positions(Probe probe, Layout layout, double[] values, int rows, int heads, int width) {
        Heads of = Field.of(probe, layout, values, rows, heads, width).heads;
        return heads == 1 ? new Heads(of.tensor(), of.offset(), of.rowStride(), 0) : of;
    }

    private static double[] cache(Probe probe, int[] lengths, int capacity, int vector) {
        double[] values = new double[lengths.length * capacity * vector];
        Arrays.fill(values, Double.NaN);
        for (int b = 0; b < lengths.length; b++) {
            double[] rows = probe.normal(lengths[b] * vector);
            System.arraycopy(rows, 0, values, b * capacity * vector, rows.length);
        }
        return values;
    }

    @Test
    default void cachedAttentionRefusesWhatDoesNotFit() {
        CachedAttention spec = new CachedAttention(2, 5, 4, 2, 4, 1, null, 0, 0);
        Heads rows = Heads.columns(device().allocate(2, 8), 0, 4);
        Heads cache = Heads.columns(device().allocate(10, 8), 0, 4);
        Heads small = Heads.columns(device().allocate(9, 8), 0, 4);
        AttentionHeads fresh = AttentionHeads.of(rows, rows, rows);
        Probe probe = new Probe(device(), "cachedAttention");
        assertThatThrownBy(() ->
                        device().cachedAttention(spec, probe.ints(new int[] {1, 4}), fresh, cache, small, null, rows))
                .hasMessageContaining("values");
        assertThatThrownBy(() ->
                        device().cachedAttention(spec, probe.ints(new int[] {1}), fresh, cache, cache, null, rows))
                .hasMessageContaining("a length for each of 2 samples");
        assertThatThrownBy(() ->
                        device().cachedAttention(spec, probe.ints(new int[] {1, 5}), fresh, cache, cache, null, rows))
                .hasMessageContaining("5");
        assertThatThrownBy(() ->
                        device().cachedAttention(spec, probe.ints(new int[] {1, 4}), fresh, cache, cache, cache, rows))
                .hasMessageContaining("position vectors");
        assertThatThrownBy(() -> new CachedAttention(2, 5, 5, 2, 4, 1, null, 0, 0))
                .hasMessageContaining("capacity 5, longest 5");
    }
}
