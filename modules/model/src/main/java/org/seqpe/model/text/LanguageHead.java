package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.Ints;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.Parameters.Weight;

/**
 * The tied output layer and its loss. Logits are made and consumed in blocks of rows, so that [B*T, V] never exists.
 */
public final class LanguageHead {
    /**
     * Elements of a block of logits: 128 MiB, so that even with 50,257 words a block has the 512 rows that efficient
     * products need.
     */
    private static final int BLOCK_ELEMENTS = 1 << 25;
    /** More rows at once are not faster. */
    private static final int MOST_ROWS = 512;

    private final Device device;
    private final Weight embedding;
    private final RowBuffer logits;
    private final RowBuffer losses;
    private final IntBuffer labels;
    private final int vocabulary;
    private final int blockRows;
    private float[] hostLosses = new float[0];

    /** @param embedding the token embedding [V, C] */
    public LanguageHead(Device device, Weight embedding) {
        this(device, embedding, BLOCK_ELEMENTS);
    }

    /** @param blockElements elements of a block of logits; a block has at least one row */
    public LanguageHead(Device device, Weight embedding, int blockElements) {
        this.device = device;
        this.embedding = embedding;
        vocabulary = Math.toIntExact(embedding.value().extent(0));
        blockRows = Math.max(1, Math.min(MOST_ROWS, blockElements / vocabulary));
        logits = new RowBuffer(device, vocabulary);
        losses = new RowBuffer(device, 1);
        labels = new IntBuffer(device);
    }

    /**
     * Measures the losses of all labelled rows, and takes the gradient of factor times their sum.
     *
     * @param hidden [N, C]
     * @param targets N labels; negative ones are ignored
     * @param dHidden [N, C], overwritten
     * @param sums receives the sum of the losses
     * @param slot the place in {@code sums}
     */
    public void lossAndGradient(Tensor hidden, int[] targets, float factor, Tensor dHidden, Doubles sums, int slot) {
        device.sum(run(hidden, targets, factor, dHidden), sums, slot);
    }

    /** The loss of every row, 0 where the label is negative; valid until the next call. */
    public float[] losses(Tensor hidden, int[] targets) {
        Tensor loss = run(hidden, targets, 0, null);
        int rows = Math.toIntExact(hidden.rows());
        if (hostLosses.length < rows) {
            hostLosses = new float[rows];
        }
        loss.download(0, hostLosses, 0, rows);
        return hostLosses;
    }

    /** The loss of every row, [N]. */
    private Tensor run(Tensor hidden, int[] targets, float factor, Tensor dHidden) {
        int rows = Math.toIntExact(hidden.rows());
        long width = hidden.columns();
        Ints allLabels = labels.upload(targets, rows);
        Tensor loss = losses.rows(rows);
        for (int first = 0; first < rows; first += blockRows) {
            int count = Math.min(blockRows, rows - first);
            Tensor block = hidden.view(first * width, count, width);
            Tensor blockLogits = logits.rows(count);
            device.matmul(block, false, embedding.value(), true, 1, 0, blockLogits);
            device.crossEntropy(
                    blockLogits, allLabels.view(first, count), 1, 0, dHidden != null, factor, loss.view(first, count));
            if (dHidden != null) {
                device.matmul(
                        blockLogits, false, embedding.value(), false, 1, 0, dHidden.view(first * width, count, width));
                device.matmul(blockLogits, true, block, false, 1, 1, embedding.gradient());
            }
        }
        return loss;
    }

    /** The logits of all rows, [N, V]: for inspection and tests, not for training. */
    public Tensor logits(Tensor hidden) {
        Tensor all = device.allocate(hidden.rows(), vocabulary);
        device.matmul(hidden, false, embedding.value(), true, 1, 0, all);
        return all;
    }
}
