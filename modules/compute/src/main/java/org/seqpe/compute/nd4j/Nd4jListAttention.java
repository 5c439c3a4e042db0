package org.seqpe.compute.nd4j;

import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Dropout;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Ints;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.Tensor;

/** One call of {@link Device#listAttention} or its backward, as loops over values: ND4J has nothing like it. */
final class Nd4jListAttention {
    private final int rows;
    private final int sources;
    private final Ints queries;
    private final int heads;
    private final int width;
    private final float scale;
    private final Ints keys;
    private final int slots;
    private final float dropout;
    private final long dropoutKey;
    private final Values query;
    private final Values key;
    private final Values value;

    Nd4jListAttention(ListAttention spec, Ints queries, Ints keys, AttentionHeads in) {
        this.rows = spec.rows();
        this.sources = spec.sources();
        this.queries = queries;
        this.heads = spec.heads();
        this.width = spec.width();
        this.scale = spec.scale();
        this.keys = keys;
        this.slots = spec.slots();
        this.dropout = spec.dropout();
        this.dropoutKey = spec.dropoutKey();
        this.query = new Values(in.query());
        this.key = new Values(in.key());
        this.value = new Values(in.value());
    }

    /** The vectors that a row and head of a {@link Heads} name, in a copy of their tensor. */
    private static final class Values {
        private final Heads heads;
        private final float[] array;

        Values(Heads heads) {
            this.heads = heads;
            this.array = heads.tensor().toArray();
        }

        int start(int row, int head) {
            return Math.toIntExact(heads.offset() + (long) row * heads.rowStride() + (long) head * heads.headStride());
        }
    }

    private double dot(Values a, int rowA, Values b, int rowB, int head) {
        int startA = a.start(rowA, head);
        int startB = b.start(rowB, head);
        double sum = 0;
        for (int d = 0; d < width; d++) {
            sum += (double) a.array[startA + d] * b.array[startB + d];
        }
        return sum;
    }

    /** How many keys a row sees. */
    private int seen(int row) {
        int count = 1;
        while (count < slots && keys.get(row * slots + count) >= 0) {
            count++;
        }
        return count;
    }

    private float mask(int row, int head, int slot) {
        return dropout == 0 ? 1 : Dropout.factor(dropout, dropoutKey, (long) row * heads + head, slot);
    }

    /** Elements of an array [count, H, each]. */
    private int size(int count, int each) {
        long size = (long) count * heads * each;
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("Cannot attend by lists: expected at most " + Integer.MAX_VALUE
                    + " elements, found " + count + " x " + heads + " x " + each);
        }
        return (int) size;
    }

    void forward(Heads out, Tensor weights) {
        float[] softmax = new float[size(rows, slots)];
        double[] result = new double[size(rows, width)];
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                int place = row * heads + head;
                softmax(row, head, softmax, place * slots);
                for (int s = 0; s < seen(row); s++) {
                    addScaled(
                            softmax[place * slots + s] * mask(row, head, s),
                            value,
                            keys.get(row * slots + s),
                            head,
                            result,
                            row);
                }
            }
        }
        write(result, rows, out);
        if (weights != null) {
            weights.upload(softmax);
        }
    }

    private void softmax(int row, int head, float[] target, int from) {
        int count = seen(row);
        double[] logits = new double[count];
        double top = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < count; s++) {
            logits[s] = scale * dot(query, queries.get(row), key, keys.get(row * slots + s), head);
            top = Math.max(top, logits[s]);
        }
        double sum = 0;
        for (int s = 0; s < count; s++) {
            logits[s] = Math.exp(logits[s] - top);
            sum += logits[s];
        }
        for (int s = 0; s < count; s++) {
            target[from + s] = (float) (logits[s] / sum);
        }
    }

    void backward(Tensor weights, Heads dOut, AttentionHeads gradients) {
        float[] softmax = weights.toArray();
        Values gradient = new Values(dOut);
        double[] queryGradients = new double[size(sources, width)];
        double[] keyGradients = new double[size(sources, width)];
        double[] values = new double[size(sources, width)];
        double[] dWeights = new double[slots];
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < heads; head++) {
                int place = (row * heads + head) * slots;
                double inner = 0;
                for (int s = 0; s < seen(row); s++) {
                    int other = keys.get(row * slots + s);
                    float mask = mask(row, head, s);
                    dWeights[s] = mask * dot(gradient, row, value, other, head);
                    inner += softmax[place + s] * dWeights[s];
                    addScaled(softmax[place + s] * mask, gradient, row, head, values, other);
                }
                for (int s = 0; s < seen(row); s++) {
                    int other = keys.get(row * slots + s);
                    double dLogit = scale * softmax[place + s] * (dWeights[s] - inner);
                    addScaled(dLogit, key, other, head, queryGradients, queries.get(row));
                    addScaled(dLogit, query, queries.get(row), head, keyGradients, other);
                }
            }
        }
        write(queryGradients, sources, gradients.query());
        write(keyGradients, sources, gradients.key());
        write(values, sources, gradients.value());
    }

    /** Adds alpha times a vector to the vector of a row in an array [rows, H, D]. */
    private void addScaled(double alpha, Values source, int sourceRow, int head, double[] target, int targetRow) {
        int from = source.start(sourceRow, head);
        int to = (targetRow * heads + head) * width;
        for (int d = 0; d < width; d++) {
            target[to + d] += alpha * source.array[from + d];
        }
    }

    private void write(double[] values, int count, Heads target) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) values[i];
        }
        Nd4jHeads.write(target, Nd4j.createFromArray(rounded).reshape(count, heads, width));
    }
}
