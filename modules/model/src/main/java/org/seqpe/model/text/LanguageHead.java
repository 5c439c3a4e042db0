package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.Ints;
import org.seqpe.compute.Precision;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.Parameters.Weight;

/**
 * The tied output layer and its loss. Logits are made and consumed in blocks of rows, so that [B*T, V] never exists.
 */
public final class LanguageHead {
    private final Device device;
    private final Weight embedding;
    private final RowBuffer logits;
    /** Logits of an evaluation, whose losses are not to be rounded. */
    private final RowBuffer exactLogits;

    private final RowBuffer losses;
    private final IntBuffer labels;
    private final int vocabulary;
    private final int pitch;
    private final int blockRows;
    private float[] hostLosses = new float[0];

    /** @param embedding the token embedding [V, C] */
    public LanguageHead(Device device, Weight embedding) {
        this(
                device,
                embedding,
                device.pieceRows(device.pitch(Math.toIntExact(embedding.value().extent(0)))));
    }

    /** @param blockRows rows of a block of logits */
    public LanguageHead(Device device, Weight embedding, int blockRows) {
        this.device = device;
        this.embedding = embedding;
        this.blockRows = blockRows;
        vocabulary = Math.toIntExact(embedding.value().extent(0));
        pitch = device.pitch(vocabulary);
        logits = RowBuffer.ofActivations(device, pitch);
        exactLogits = device.activationPrecision() == Precision.FLOAT32 ? logits : new RowBuffer(device, pitch);
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
        int width = Math.toIntExact(hidden.columns());
        Ints allLabels = labels.upload(targets, rows);
        Tensor loss = losses.rows(rows);
        for (int first = 0; first < rows; first += blockRows) {
            int count = Math.min(blockRows, rows - first);
            Tensor block = hidden.rows(first, count);
            Tensor blockLogits = (dHidden == null ? exactLogits : logits).rows(count);
            project(block, blockLogits, pitch);
            device.crossEntropy(
                    blockLogits,
                    vocabulary,
                    allLabels.view(first, count),
                    1,
                    0,
                    dHidden != null,
                    factor,
                    loss.view(first, count));
            if (dHidden != null) {
                device.matmulBatched(
                        1,
                        count,
                        width,
                        vocabulary,
                        1,
                        blockLogits,
                        pitch,
                        0,
                        false,
                        embedding.operand(),
                        width,
                        0,
                        false,
                        0,
                        dHidden.rows(first, count),
                        width,
                        0);
                device.matmulBatched(
                        1,
                        vocabulary,
                        width,
                        count,
                        1,
                        blockLogits,
                        pitch,
                        0,
                        true,
                        block,
                        width,
                        0,
                        false,
                        1,
                        embedding.gradient(),
                        width,
                        0);
            }
        }
        return loss;
    }

    /**
     * The logits of some rows.
     *
     * @param hidden [N, C]
     * @param out [N, V], float32, written
     */
    void logits(Tensor hidden, Tensor out) {
        project(hidden, out, vocabulary);
    }

    /** The logits of some rows, at rows of {@code rowLength} elements. */
    private void project(Tensor hidden, Tensor out, int rowLength) {
        int width = Math.toIntExact(hidden.columns());
        device.matmulBatched(
                1,
                Math.toIntExact(hidden.rows()),
                vocabulary,
                width,
                1,
                hidden,
                width,
                0,
                false,
                embedding.operand(),
                width,
                0,
                true,
                0,
                out,
                rowLength,
                0);
    }

    /** The logits of all rows, [N, V]: for inspection and tests, not for training. */
    public Tensor logits(Tensor hidden) {
        Tensor all = device.allocate(hidden.rows(), vocabulary);
        project(hidden, all, vocabulary);
        return all;
    }
}
