package org.seqpe.compute.nd4j;

import static org.seqpe.compute.nd4j.Nd4jHeads.head;
import static org.seqpe.compute.nd4j.Nd4jMatrices.column;
import static org.seqpe.compute.nd4j.Nd4jMatrices.product;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.seqpe.compute.Attention;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;

/** One attention call as {@link Attention} defines it, by tiles of rows of one head of one sample. */
final class Nd4jAttention {
    private static final int TILE = 128;
    /**
     * Added to the logits a causal query must not see: far below any logit, and finite, so that sums with it stay
     * numbers.
     */
    private static final float HIDDEN = -1e30f;

    private final Attention spec;
    private final Heads query;
    private final Heads key;
    private final Heads value;
    private final Heads positionQuery;
    private final Heads positionKey;

    Nd4jAttention(Attention spec, AttentionHeads in) {
        this.spec = spec;
        this.query = in.query();
        this.key = in.key();
        this.value = in.value();
        this.positionQuery = in.positionQuery();
        this.positionKey = in.positionKey();
    }

    /** Rows [first, first + rows) of one head of one sample, and the keys [0, keys) that any of them sees. */
    private record Tile(int sample, int head, int first, int rows, int keys, long length) {
        /** The first row of the sample among all rows. */
        long start() {
            return sample * length;
        }

        /** The first of its rows in an array [B, H, T]. */
        long place(int heads) {
            return ((long) sample * heads + head) * length + first;
        }
    }

    private interface TileTask {
        void run(Tile tile);
    }

    private void forEachTile(int sample, int head, TileTask task) {
        for (int first = 0; first < spec.length(); first += TILE) {
            int rows = Math.min(TILE, spec.length() - first);
            task.run(new Tile(sample, head, first, rows, spec.causal() ? first + rows : spec.length(), spec.length()));
        }
    }

    void forward(Heads out, Tensor logSumExp) {
        for (int b = 0; b < spec.batch(); b++) {
            for (int h = 0; h < spec.heads(); h++) {
                forEachTile(b, h, tile -> forward(tile, out, logSumExp));
            }
        }
    }

    private void forward(Tile tile, Heads out, Tensor logSumExp) {
        INDArray logits = logits(tile);
        INDArray top = column(logits.max(1));
        INDArray weights = Transforms.exp(logits.subiColumnVector(top), false);
        INDArray sum = column(weights.sum(1));
        weights.diviColumnVector(sum);
        if (logSumExp != null) {
            Nd4jTensor.of(logSumExp)
                    .view(tile.place(spec.heads()), tile.rows())
                    .array()
                    .assign(Transforms.log(sum, true).addi(top).reshape(tile.rows()));
        }
        if (spec.dropout() > 0) {
            weights.muli(mask(tile));
        }
        head(out, tile.start() + tile.first(), tile.rows(), tile.head(), spec.width())
                .assign(product(weights, false, keys(value, tile), false));
    }

    void backward(Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        for (int b = 0; b < spec.batch(); b++) {
            for (int h = 0; h < spec.heads(); h++) {
                long start = (long) b * spec.length();
                head(gradients.key(), start, spec.length(), h, spec.width()).assign(0);
                head(gradients.value(), start, spec.length(), h, spec.width()).assign(0);
                forEachTile(b, h, tile -> backward(tile, out, logSumExp, dOut, gradients));
            }
        }
    }

    private void backward(Tile tile, Heads out, Tensor logSumExp, Heads dOut, AttentionHeads gradients) {
        INDArray lse = Nd4jTensor.of(logSumExp)
                .view(tile.place(spec.heads()), tile.rows())
                .array(tile.rows(), 1);
        INDArray weights = Transforms.exp(logits(tile).subiColumnVector(lse), false);
        INDArray gradient = rows(dOut, tile, spec.width()).dup('c');
        INDArray dWeights = product(gradient, false, keys(value, tile), true);
        INDArray dropped = weights;
        if (spec.dropout() > 0) {
            INDArray mask = mask(tile);
            dropped = weights.mul(mask);
            dWeights.muli(mask);
        }
        keys(gradients.value(), tile).addi(product(dropped, true, gradient, false));
        // The softmax's backward needs sum_j p_ij dp_ij, which is dOut_i . out_i also with dropout.
        INDArray inner = column(rows(out, tile, spec.width()).mul(gradient).sum(1));
        INDArray dLogits = dWeights.subiColumnVector(inner).muli(weights).muli(spec.scale());
        rows(gradients.query(), tile, spec.width()).assign(product(dLogits, false, keys(key, tile), false));
        keys(gradients.key(), tile).addi(product(dLogits, true, rows(query, tile, spec.width()), false));
        if (spec.hasPositions()) {
            dLogits.muli(spec.positionScale());
            positionRows(gradients.positionQuery(), tile)
                    .addi(product(dLogits, false, positionKeys(positionKey, tile), false));
            positionKeys(gradients.positionKey(), tile)
                    .addi(product(dLogits, true, positionRows(positionQuery, tile), false));
        }
    }

    /** [rows, keys] */
    private INDArray logits(Tile tile) {
        INDArray logits = product(rows(query, tile, spec.width()), false, keys(key, tile), true);
        if (spec.hasPositions()) {
            logits.addi(product(positionRows(positionQuery, tile), false, positionKeys(positionKey, tile), true)
                    .muli(spec.positionScale()));
        }
        logits.muli(spec.scale());
        if (spec.slopes() != null || spec.causal()) {
            logits.addi(bias(tile));
        }
        return logits;
    }

    /** What does not depend on values: the head's slope, and which keys are hidden. */
    private INDArray bias(Tile tile) {
        float slope = spec.slopes() == null ? 0 : spec.slopes()[tile.head()];
        float[] bias = new float[tile.rows() * tile.keys()];
        for (int at = 0; at < bias.length; at++) {
            int i = tile.first() + at / tile.keys();
            int j = at % tile.keys();
            bias[at] = spec.causal() && j > i ? HIDDEN : slope * (j - i);
        }
        return Nd4j.createFromArray(bias).reshape(tile.rows(), tile.keys());
    }

    private INDArray mask(Tile tile) {
        return Nd4jDevice.mask(spec.dropout(), spec.dropoutKey(), tile.place(spec.heads()), tile.rows(), tile.keys());
    }

    private INDArray rows(Heads heads, Tile tile, int width) {
        return head(heads, tile.start() + tile.first(), tile.rows(), tile.head(), width);
    }

    private INDArray keys(Heads heads, Tile tile) {
        return head(heads, tile.start(), tile.keys(), tile.head(), spec.width());
    }

    private INDArray positionRows(Heads heads, Tile tile) {
        return head(heads, positionStart(tile) + tile.first(), tile.rows(), tile.head(), spec.positionWidth());
    }

    private INDArray positionKeys(Heads heads, Tile tile) {
        return head(heads, positionStart(tile), tile.keys(), tile.head(), spec.positionWidth());
    }

    private long positionStart(Tile tile) {
        return (long) (tile.sample() % spec.positionBatch()) * spec.length();
    }
}
