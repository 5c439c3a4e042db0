package org.seqpe.compute;

import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.seqpe.compute.Field.Layout;

interface AttentionContract extends UsesDevice {
    /** Batch, length, heads, head width. */
    int[][] SHAPES = {{1, 1, 1, 3}, {2, 7, 3, 8}, {1, 33, 2, 20}, {2, 33, 1, 64}, {1, 130, 2, 3}, {2, 130, 1, 20}};

    @Test
    default void plainAttention() {
        for (int[] s : SHAPES) {
            for (boolean causal : new boolean[] {false, true}) {
                for (Layout layout : s[1] == 7 ? Layout.values() : new Layout[] {Layout.THIRD}) {
                    new AttentionCase(device(), Attention.plain(s[0], s[1], s[2], s[3], causal), layout, 0).check();
                }
            }
        }
    }

    @Test
    default void attentionWithSlopes() {
        for (int[] s : new int[][] {{2, 7, 3, 8}, {1, 130, 2, 3}}) {
            for (boolean causal : new boolean[] {false, true}) {
                float[] slopes = new float[s[2]];
                for (int h = 0; h < s[2]; h++) {
                    slopes[h] = (float) Math.pow(2, -1 - h);
                }
                new AttentionCase(
                                device(),
                                Attention.plain(s[0], s[1], s[2], s[3], causal).withSlopes(slopes),
                                Layout.THIRD,
                                0)
                        .check();
            }
        }
    }

    @Test
    default void attentionWithDropout() {
        for (int[] s : SHAPES) {
            Attention spec = Attention.plain(s[0], s[1], s[2], s[3], true).withDropout(0.25f, 77);
            new AttentionCase(device(), spec, Layout.THIRD, 0).check();
        }
    }

    @Test
    default void attentionWithPositions() {
        for (int[] s : SHAPES) {
            for (int windows : s[0] == 1 ? new int[] {1} : new int[] {1, 2}) {
                for (int positionHeads : s[2] == 1 ? new int[] {1} : new int[] {1, s[2]}) {
                    Attention spec = Attention.plain(s[0], s[1], s[2], s[3], s[1] != 33)
                            .withPositions(windows, s[3] == 20 ? 8 : s[3], 0.7f)
                            .withScale(0.3f);
                    new AttentionCase(device(), spec, Layout.GAPS, positionHeads).check();
                }
            }
        }
    }

    @Test
    default void attentionWithEverythingAndMoreSamplesThanWindows() {
        Attention spec = Attention.plain(4, 33, 3, 20, true)
                .withPositions(2, 12, 1)
                .withSlopes(new float[] {0.5f, 0.1f, 0.01f})
                .withDropout(0.1f, -5);
        new AttentionCase(device(), spec, Layout.THIRD, 3).check();
        new AttentionCase(device(), spec, Layout.HEAD_MAJOR, 1).check();
    }

    /** Many samples to a window, in numbers that no group size divides; and more keys than a block of them. */
    @Test
    default void attentionOfManySamplesWithTheSamePositions() {
        new AttentionCase(device(), Attention.plain(21, 7, 2, 8, true).withPositions(1, 8, 0.7f), Layout.THIRD, 2)
                .check();
        new AttentionCase(
                        device(),
                        Attention.plain(22, 65, 2, 4, true)
                                .withPositions(2, 4, 0.7f)
                                .withDropout(0.1f, 9),
                        Layout.THIRD,
                        1)
                .check();
        new AttentionCase(device(), Attention.plain(38, 5, 4, 4, true).withPositions(2, 4, 0.7f), Layout.THIRD, 4)
                .check();
        new AttentionCase(device(), Attention.plain(9, 513, 1, 8, true).withPositions(1, 8, 0.7f), Layout.THIRD, 1)
                .checkForward();
    }

    @Test
    default void largeLogitsDoNotOverflow() {
        new AttentionCase(device(), Attention.plain(1, 33, 2, 20, true).withScale(20), Layout.THIRD, 0).checkForward();
        new AttentionCase(device(), Attention.plain(1, 33, 2, 20, false).withScale(20), Layout.THIRD, 0).checkForward();
    }

    @Test
    default void attentionRefusesWhatDoesNotFit() {
        Attention spec = Attention.plain(2, 4, 3, 8, true);
        Heads x = Heads.columns(device().allocate(8, 24), 0, 8);
        Heads few = Heads.columns(device().allocate(7, 24), 0, 8);
        Heads shared = Heads.shared(device().allocate(8, 24), 0);
        Tensor logSumExp = device().allocate(2, 3, 4);
        Tensor wrong = device().allocate(2, 3, 5);
        Probe.refuses("few queries", () -> device().attention(spec, AttentionHeads.of(few, x, x), x, null));
        Probe.refuses("few keys", () -> device().attention(spec, AttentionHeads.of(x, few, x), x, null));
        Probe.refuses("few values", () -> device().attention(spec, AttentionHeads.of(x, x, few), x, null));
        Probe.refuses("shared output", () -> device().attention(spec, AttentionHeads.of(x, x, x), shared, null));
        Probe.refuses("log-sum-exp", () -> device().attention(spec, AttentionHeads.of(x, x, x), x, wrong));
        Probe.refuses("positions missing", () -> device().attention(
                        spec.withPositions(1, 8, 1), AttentionHeads.of(x, x, x), x, null));
        Probe.refuses("positions unasked for", () -> device().attention(
                        spec, new AttentionHeads(x, x, x, shared, shared), x, null));
        Probe.refuses("few positions", () -> device().attention(
                        spec.withPositions(2, 8, 1), new AttentionHeads(x, x, x, few, x), x, null));
        Probe.refuses("few gradients", () -> device().attentionBackward(
                        spec, AttentionHeads.of(x, x, x), x, logSumExp, few, AttentionHeads.of(x, x, x)));
        Probe.refuses("no log-sum-exp", () -> device().attentionBackward(
                        spec, AttentionHeads.of(x, x, x), x, null, x, AttentionHeads.of(x, x, x)));
        Probe.refuses("windows that do not divide the batch", () -> spec.withPositions(3, 8, 1));
        Probe.refuses("two slopes for three heads", () -> spec.withSlopes(new float[2]));
        Probe.refuses("a rate of 1", () -> spec.withDropout(1, 0));
    }

    /** One attention call with random inputs, checked forward and backward. */
    final class AttentionCase {
        private final Attention spec;
        private final Layout layout;
        private final int positionHeads;
        private final Probe probe;
        private final int rows;
        private final int positionRows;
        private final double[] q;
        private final double[] k;
        private final double[] v;
        private final double[] pq;
        private final double[] pk;
        private final Field query;
        private final Field key;
        private final Field value;
        private final Field positionQuery;
        private final Field positionKey;
        private final Field out;
        private final Tensor logSumExp;

        /** @param positionHeads H, or 1 where the heads share their position vectors; 0 without position vectors */
        AttentionCase(Device device, Attention spec, Layout layout, int positionHeads) {
            this.spec = spec;
            this.layout = layout;
            this.positionHeads = positionHeads;
            this.probe = new Probe(device, "attention", spec, layout, positionHeads);
            this.rows = spec.batch() * spec.length();
            this.positionRows = spec.positionBatch() * spec.length();
            this.q = probe.normal(rows * spec.heads() * spec.width());
            this.k = probe.normal(q.length);
            this.v = probe.normal(q.length);
            this.pq = probe.normal(positionRows * positionHeads * spec.positionWidth());
            this.pk = probe.normal(pq.length);
            this.query = field(q);
            this.key = field(k);
            this.value = field(v);
            this.positionQuery = positionField(pq);
            this.positionKey = positionField(pk);
            this.out = Field.poisoned(probe, layout, rows, spec.heads(), spec.width());
            this.logSumExp = probe.poisoned(spec.batch(), spec.heads(), spec.length());
        }

        private Field field(double[] values) {
            return Field.of(probe, layout, values, rows, spec.heads(), spec.width());
        }

        private Field positionField(double[] values) {
            return spec.hasPositions()
                    ? Field.of(probe, layout, values, positionRows, positionHeads, spec.positionWidth())
                    : null;
        }

        private Heads positions(Field field) {
            return field == null ? null : positionHeads == 1 ? field.shared() : field.heads;
        }

        private Loops.Attended expected() {
            return Loops.attention(spec, q, k, v, pq, pk, positionHeads);
        }

        void checkForward() {
            Loops.Attended expected = expected();
            probe.device.attention(
                    spec,
                    new AttentionHeads(
                            query.heads, key.heads, value.heads, positions(positionQuery), positions(positionKey)),
                    out.heads,
                    logSumExp);
            probe.close("out", out.read(), expected.out());
            probe.close("logSumExp", logSumExp, expected.logSumExp());
            Field evaluated = Field.poisoned(probe, layout, rows, spec.heads(), spec.width());
            probe.device.attention(
                    spec,
                    new AttentionHeads(
                            query.heads, key.heads, value.heads, positions(positionQuery), positions(positionKey)),
                    evaluated.heads,
                    null);
            probe.close("out without logSumExp", evaluated.read(), expected.out());
        }

        void check() {
            checkForward();
            double[] gradient = probe.normal(q.length);
            double[] startQuery = probe.normal(pq.length);
            double[] startKey = probe.normal(pk.length);
            Field dOut = field(gradient);
            Field dQuery = Field.poisoned(probe, layout, rows, spec.heads(), spec.width());
            Field dKey = Field.poisoned(probe, layout, rows, spec.heads(), spec.width());
            Field dValue = Field.poisoned(probe, layout, rows, spec.heads(), spec.width());
            Field dPositionQuery = positionField(startQuery);
            Field dPositionKey = positionField(startKey);
            probe.device.attentionBackward(
                    spec,
                    new AttentionHeads(
                            query.heads, key.heads, value.heads, positions(positionQuery), positions(positionKey)),
                    out.heads,
                    logSumExp,
                    dOut.heads,
                    new AttentionHeads(
                            dQuery.heads,
                            dKey.heads,
                            dValue.heads,
                            positions(dPositionQuery),
                            positions(dPositionKey)));
            DoubleSupplier loss = () -> Probe.dot(gradient, expected().out());
            probe.gradient("dQuery", q, loss, dQuery.read());
            probe.gradient("dKey", k, loss, dKey.read());
            probe.gradient("dValue", v, loss, dValue.read());
            if (spec.hasPositions()) {
                probe.gradient("dPositionQuery", pq, loss, Probe.difference(dPositionQuery.read(), startQuery));
                probe.gradient("dPositionKey", pk, loss, Probe.difference(dPositionKey.read(), startKey));
            }
        }
    }
}
