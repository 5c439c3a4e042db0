package org.seqpe.compute;

import java.util.Arrays;

/**
 * What every device asks of a kernel's arguments before it touches memory: one method per kernel, named like it. All
 * throw {@link IllegalArgumentException} with the kernel, what was expected and what was found, except for numbers that
 * are no row or class, which are an {@link IndexOutOfBoundsException}.
 */
public final class KernelChecks {
    private KernelChecks() {}

    /** Made only when it is thrown: a call that passes its checks leaves nothing to the garbage collector. */
    private static IllegalArgumentException refusal(String kernel, String expected, Object... found) {
        return new IllegalArgumentException(
                "Cannot run " + kernel + ": expected " + expected + ", found " + Arrays.toString(found));
    }

    private static void size(String kernel, String name, Tensor tensor, long size) {
        if (tensor.size() != size) {
            throw new IllegalArgumentException(
                    "Cannot run " + kernel + ": expected " + size + " elements of " + name + ", found " + tensor);
        }
    }

    private static void sizeOrNull(String kernel, String name, Tensor tensor, long size) {
        if (tensor != null) {
            size(kernel, name, tensor, size);
        }
    }

    private static void matrix(String kernel, String name, Tensor tensor, long rows, long columns) {
        if (tensor.size() != rows * columns || (tensor.size() > 0 && tensor.columns() != columns)) {
            throw new IllegalArgumentException("Cannot run " + kernel + ": expected " + name + " [" + rows + ", "
                    + columns + "], found " + tensor);
        }
    }

    private static void heads(String kernel, String name, Heads heads, long rows, int count, int width) {
        if (!(rows >= 0 && count >= 1 && width >= 1)) {
            throw refusal(kernel, "0 or more rows, 1 or more heads of 1 or more elements", rows, count, width);
        }
        if (!(rows == 0
                || heads.offset() + (rows - 1) * heads.rowStride() + (count - 1L) * heads.headStride() + width
                        <= heads.tensor().size())) {
            throw refusal(kernel, name + " with " + rows + " rows of " + count + " heads of " + width, heads);
        }
    }

    /** Heads that are overwritten: no two of its elements may share memory. */
    private static void target(String kernel, String name, Heads heads, long rows, int count, int width) {
        heads(kernel, name, heads, rows, count, width);
        boolean headsInRows = (count == 1 || heads.headStride() >= width)
                && (rows <= 1 || heads.rowStride() >= (count - 1L) * heads.headStride() + width);
        boolean rowsInHeads = (rows <= 1 || heads.rowStride() >= width)
                && heads.headStride() >= (rows - 1) * heads.rowStride() + width;
        if (!headsInRows && !rowsInHeads) {
            throw refusal(kernel, name + " whose rows and heads do not overlap", heads);
        }
    }

    private static void rate(String kernel, float rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw refusal(kernel, "a dropout rate in [0, 1)", rate);
        }
    }

    public static void sameSize(String kernel, Tensor first, Tensor... others) {
        for (Tensor other : others) {
            size(kernel, "each tensor", other, first.size());
        }
    }

    public static void dropout(Tensor x, float rate, Tensor out) {
        sameSize("dropout", x, out);
        rate("dropout", rate);
    }

    public static void matmul(Tensor a, boolean transposeA, Tensor b, boolean transposeB, Tensor c) {
        long m = transposeA ? a.columns() : a.rows();
        long k = transposeA ? a.rows() : a.columns();
        long n = transposeB ? b.rows() : b.columns();
        if ((transposeB ? b.columns() : b.rows()) != k) {
            throw refusal(
                    "matmul",
                    "matrices whose inner extents agree",
                    a,
                    transposeA ? "transposed" : "",
                    b,
                    transposeB ? "transposed" : "");
        }
        matrix("matmul", "c", c, m, n);
    }

    public static void matmulBatched(
            int count,
            int m,
            int n,
            int k,
            Tensor a,
            int leadingA,
            long strideA,
            boolean transposeA,
            Tensor b,
            int leadingB,
            long strideB,
            boolean transposeB,
            Tensor c,
            int leadingC,
            long strideC) {
        if (!(count >= 0 && m >= 1 && n >= 1 && k >= 1)) {
            throw refusal("matmulBatched", "0 or more products of extents of 1 or more", count, m, n, k);
        }
        batch("a", count, transposeA ? k : m, transposeA ? m : k, a, leadingA, strideA);
        batch("b", count, transposeB ? n : k, transposeB ? k : n, b, leadingB, strideB);
        batch("c", count, m, n, c, leadingC, strideC);
        if (!(count <= 1
                || strideC >= (m - 1L) * leadingC + n
                || (leadingC >= (count - 1L) * strideC + n && strideC >= n))) {
            throw refusal("matmulBatched", "products that do not overlap in c", m, n, leadingC, strideC);
        }
    }

    private static void batch(
            String name, int count, long rows, long columns, Tensor tensor, int leading, long stride) {
        if (!(leading >= columns && stride >= 0)) {
            throw refusal(
                    "matmulBatched", name + " with a leading dimension of " + columns + " or more", leading, stride);
        }
        if (!(count == 0 || (count - 1) * stride + (rows - 1) * leading + columns <= tensor.size())) {
            throw refusal(
                    "matmulBatched",
                    name + " with " + count + " matrices [" + rows + ", " + columns + "]",
                    tensor,
                    leading,
                    stride);
        }
    }

    public static void linear(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor out) {
        long width = transposeW ? w.rows() : w.columns();
        if ((transposeW ? w.columns() : w.rows()) != x.columns()) {
            throw refusal("linear", "a weight for the columns of x", x, w, transposeW ? "transposed" : "");
        }
        matrix("linear", "out", out, x.rows(), width);
        sizeOrNull("linear", "bias", bias, width);
    }

    public static void linearGelu(Tensor x, Tensor w, boolean transposeW, Tensor bias, Tensor pre, Tensor out) {
        linear(x, w, transposeW, bias, out);
        if (pre != null) {
            linear(x, w, transposeW, bias, pre);
        }
    }

    public static void linearBackward(
            Tensor dOut, Tensor x, Tensor w, boolean transposeW, Tensor dX, Tensor dW, Tensor dBias) {
        linear(x, w, transposeW, dBias, dOut);
        if (dX != null) {
            matrix("linearBackward", "dX", dX, x.rows(), x.columns());
        }
        if (dW != null) {
            matrix("linearBackward", "dW", dW, w.rows(), w.columns());
        }
    }

    public static void layerNorm(Tensor x, Tensor weight, Tensor bias, Tensor out, Tensor mean, Tensor rstd) {
        matrix("layerNorm", "out", out, x.rows(), x.columns());
        size("layerNorm", "weight", weight, x.columns());
        size("layerNorm", "bias", bias, x.columns());
        size("layerNorm", "mean", mean, x.rows());
        size("layerNorm", "rstd", rstd, x.rows());
    }

    public static void layerNormBackward(
            Tensor dOut, Tensor x, Tensor weight, Tensor mean, Tensor rstd, Tensor dX, Tensor dWeight, Tensor dBias) {
        layerNorm(x, weight, dBias, dOut, mean, rstd);
        matrix("layerNormBackward", "dX", dX, x.rows(), x.columns());
        size("layerNormBackward", "dWeight", dWeight, x.columns());
    }

    /** Gather and scatterAdd. */
    public static void rows(String kernel, Ints ids, Tensor table, Tensor rows) {
        matrix(kernel, "rows", rows, ids.length(), table.columns());
        requireBelow(kernel, ids, 0, table.rows());
    }

    /** The host knows the smallest and the largest value; only a message looks for the place. */
    private static void requireBelow(String kernel, Ints ids, int lowest, long bound) {
        if (ids.length() == 0 || (ids.smallest() >= lowest && ids.largest() < bound)) {
            return;
        }
        for (int i = 0; i < ids.length(); i++) {
            if (ids.get(i) < lowest || ids.get(i) >= bound) {
                throw new IndexOutOfBoundsException("Cannot run " + kernel + ": expected a number below " + bound
                        + ", found " + ids.get(i) + " (place " + i + ")");
            }
        }
    }

    public static void addRows(Tensor x, Tensor table, Tensor out) {
        if (!(table.size() > 0 && table.columns() == x.columns())) {
            throw refusal("addRows", "a table with the columns of x", x, table);
        }
        matrix("addRows", "out", out, x.rows(), x.columns());
    }

    public static void sumRows(Tensor dOut, Tensor dTable) {
        if (!(dTable.size() > 0 && dTable.columns() == dOut.columns())) {
            throw refusal("sumRows", "a table with the columns of dOut", dOut, dTable);
        }
    }

    public static void scaleRows(Tensor x, Tensor factors, Tensor out) {
        if (!(factors.size() > 0 && x.rows() % factors.size() == 0)) {
            throw refusal("scaleRows", "a number of factors that divides the rows of x", x, factors);
        }
        matrix("scaleRows", "out", out, x.rows(), x.columns());
    }

    public static void rotary(Heads x, int rows, int heads, int width, Tensor sin, Tensor cos, Heads out) {
        heads("rotary", "x", x, rows, heads, width);
        target("rotary", "out", out, rows, heads, width);
        if (width % 2 != 0) {
            throw refusal("rotary", "an even head width", width);
        }
        if (!(sin.size() > 0
                && sin.size() == cos.size()
                && sin.columns() == cos.columns()
                && (sin.columns() == width / 2 || sin.columns() == (long) heads * width / 2))) {
            throw refusal(
                    "rotary",
                    "sines and cosines of " + width / 2 + " or " + heads + " x " + width / 2 + " columns",
                    sin,
                    cos);
        }
    }

    /** AddHeads and multiplyHeads. */
    public static void positionHeads(
            String kernel, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads out) {
        heads(kernel, "x", x, rows, heads, width);
        target(kernel, "out", out, rows, heads, width);
        positions(kernel, heads, width, pe, peRows);
    }

    private static void positions(String kernel, int heads, int width, Heads pe, int peRows) {
        if (peRows < 1) {
            throw refusal(kernel, "1 or more position rows", peRows);
        }
        heads(kernel, "pe", pe, peRows, heads, width);
    }

    public static void multiplyHeadsBackward(
            Heads dOut, Heads x, int rows, int heads, int width, Heads pe, int peRows, Heads dX, Heads dPe) {
        positionHeads("multiplyHeadsBackward", x, rows, heads, width, pe, peRows, dX);
        heads("multiplyHeadsBackward", "dOut", dOut, rows, heads, width);
        positions("multiplyHeadsBackward", heads, width, dPe, peRows);
    }

    public static void addHeadsBackward(Heads dOut, int rows, int heads, int width, Heads dPe, int peRows) {
        heads("addHeadsBackward", "dOut", dOut, rows, heads, width);
        positions("addHeadsBackward", heads, width, dPe, peRows);
    }

    public static void attention(Attention spec, AttentionHeads in, Heads out, Tensor logSumExp) {
        long rows = (long) spec.batch() * spec.length();
        heads("attention", "query", in.query(), rows, spec.heads(), spec.width());
        heads("attention", "key", in.key(), rows, spec.heads(), spec.width());
        heads("attention", "value", in.value(), rows, spec.heads(), spec.width());
        target("attention", "out", out, rows, spec.heads(), spec.width());
        attentionPositions("attention", spec, in);
        sizeOrNull("attention", "logSumExp", logSumExp, rows * spec.heads());
    }

    private static void attentionPositions(String kernel, Attention spec, AttentionHeads in) {
        Heads positionQuery = in.positionQuery();
        Heads positionKey = in.positionKey();
        if (!((positionQuery != null) == spec.hasPositions() && (positionKey != null) == spec.hasPositions())) {
            throw refusal(
                    kernel,
                    "position vectors just where there are position windows",
                    spec.positionBatch(),
                    positionQuery,
                    positionKey);
        }
        if (spec.hasPositions()) {
            long rows = (long) spec.positionBatch() * spec.length();
            heads(kernel, "position query", positionQuery, rows, spec.heads(), spec.positionWidth());
            heads(kernel, "position key", positionKey, rows, spec.heads(), spec.positionWidth());
        }
    }

    public static void attentionBackward(
            Attention spec, AttentionHeads in, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        attention(spec, in, out, logSumExp);
        if (logSumExp == null) {
            throw refusal("attentionBackward", "the log-sum-exp of the forward pass", "null");
        }
        long rows = (long) spec.batch() * spec.length();
        heads("attentionBackward", "dOut", dOut, rows, spec.heads(), spec.width());
        target("attentionBackward", "dQuery", gradients.query(), rows, spec.heads(), spec.width());
        target("attentionBackward", "dKey", gradients.key(), rows, spec.heads(), spec.width());
        target("attentionBackward", "dValue", gradients.value(), rows, spec.heads(), spec.width());
        attentionPositions("attentionBackward", spec, gradients);
    }

    public static void copyHeads(Heads x, int rows, int heads, int width, Heads out) {
        heads("copyHeads", "x", x, rows, heads, width);
        target("copyHeads", "out", out, rows, heads, width);
    }

    public static void cachedAttention(
            CachedAttention spec,
            Ints lengths,
            AttentionHeads fresh,
            Heads keys,
            Heads values,
            Heads positionKeys,
            Heads out) {
        String kernel = "cachedAttention";
        int rows = spec.batch();
        long cached = (long) rows * spec.capacity();
        heads(kernel, "query", fresh.query(), rows, spec.heads(), spec.width());
        heads(kernel, "key", fresh.key(), rows, spec.heads(), spec.width());
        heads(kernel, "value", fresh.value(), rows, spec.heads(), spec.width());
        target(kernel, "keys", keys, cached, spec.heads(), spec.width());
        target(kernel, "values", values, cached, spec.heads(), spec.width());
        target(kernel, "out", out, rows, spec.heads(), spec.width());
        if ((fresh.positionQuery() != null) != spec.hasPositions() || (positionKeys != null) != spec.hasPositions()) {
            throw refusal(
                    kernel,
                    "position vectors just where they have a width",
                    spec.positionWidth(),
                    fresh.positionQuery(),
                    positionKeys);
        }
        if (spec.hasPositions()) {
            heads(kernel, "position query", fresh.positionQuery(), rows, spec.heads(), spec.positionWidth());
            heads(kernel, "position keys", positionKeys, spec.capacity(), spec.heads(), spec.positionWidth());
        }
        if (lengths.length() != rows) {
            throw refusal(kernel, "a length for each of " + rows + " samples", lengths);
        }
        requireBelow(kernel, lengths, 0, spec.longest() + 1L);
    }

    public static void listAttention(
            ListAttention spec, Ints queries, Ints keys, AttentionHeads in, Heads out, Tensor weights) {
        int rows = spec.rows();
        int sources = spec.sources();
        heads("listAttention", "query", in.query(), sources, spec.heads(), spec.width());
        heads("listAttention", "key", in.key(), sources, spec.heads(), spec.width());
        heads("listAttention", "value", in.value(), sources, spec.heads(), spec.width());
        target("listAttention", "out", out, rows, spec.heads(), spec.width());
        rate("listAttention", spec.dropout());
        if (!(spec.slots() >= 1 && keys.length() == (long) rows * spec.slots())) {
            throw refusal("listAttention", rows + " lists of " + spec.slots() + " keys", keys);
        }
        requireBelow("listAttention", keys, -1, sources);
        if (queries.length() != rows) {
            throw refusal("listAttention", "a query row for each of " + rows + " rows", queries);
        }
        requireBelow("listAttention", queries, 0, sources);
        for (int row = 0; row < rows; row++) {
            if (keys.get(row * spec.slots()) < 0) {
                throw refusal("listAttention", "1 or more keys in every row", "row " + row);
            }
        }
        sizeOrNull("listAttention", "weights", weights, (long) rows * spec.heads() * spec.slots());
    }

    public static void listAttentionBackward(
            ListAttention spec,
            Ints queries,
            Ints keys,
            AttentionHeads in,
            Tensor weights,
            Heads dOut,
            AttentionHeads gradients) {
        if (weights == null) {
            throw refusal("listAttentionBackward", "the weights of the forward pass", "null");
        }
        listAttention(spec, queries, keys, in, dOut, weights);
        target("listAttentionBackward", "dQuery", gradients.query(), spec.sources(), spec.heads(), spec.width());
        target("listAttentionBackward", "dKey", gradients.key(), spec.sources(), spec.heads(), spec.width());
        target("listAttentionBackward", "dValue", gradients.value(), spec.sources(), spec.heads(), spec.width());
    }

    public static void crossEntropy(Tensor logits, int classes, Ints labels, float smoothing, Tensor loss) {
        if (classes < 0 || classes > logits.columns()) {
            throw refusal("crossEntropy", "at most as many classes as " + logits + " has columns", classes);
        }
        if (labels.length() != logits.rows()) {
            throw refusal("crossEntropy", "a label for each row of " + logits, labels);
        }
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw refusal("crossEntropy", "a label smoothing in [0, 1)", smoothing);
        }
        size("crossEntropy", "loss", loss, logits.rows());
        requireBelow("crossEntropy", labels, Integer.MIN_VALUE, classes);
    }

    public static void divergence(Tensor teacher, Tensor student, Tensor loss) {
        matrix("divergence", "student", student, teacher.rows(), teacher.columns());
        size("divergence", "loss", loss, teacher.rows());
    }

    public static void adam(Tensor gradient, Tensor firstMoment, Tensor secondMoment, long step) {
        sameSize("adam", gradient, firstMoment, secondMoment);
        if (step < 1) {
            throw refusal("adam", "a step of 1 or more", step);
        }
    }
}
