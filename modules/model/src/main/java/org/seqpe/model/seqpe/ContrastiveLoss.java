package org.seqpe.model.seqpe;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;

/**
 * The contrastive loss (method.md section 4; the reference's SeqPeContrastiveCriterion): each pivot's vector should
 * have its largest dot product with the candidate whose position is nearest.
 */
public final class ContrastiveLoss {
    private final Device device;
    private final int heads;
    private final float scale;
    private final float smoothing;
    private final IntBuffer labels;
    private int[] headLabels = new int[0];
    private RowBuffer logitRows;
    private final RowBuffer lossRows;

    /**
     * @param heads number of parts of the vectors that are compared separately; 1 compares whole vectors, as the
     *     reference does
     * @param scale factor of the dot products; the reference trains with 1
     * @param smoothing label smoothing; the reference trains with 0
     */
    public ContrastiveLoss(Device device, int heads, float scale, float smoothing) {
        this.device = device;
        this.heads = heads;
        this.scale = scale;
        this.smoothing = smoothing;
        this.labels = new IntBuffer(device);
        this.lossRows = new RowBuffer(device, 1);
    }

    /**
     * Measures the loss of every pivot (and head).
     *
     * @param pivots [M, W]
     * @param candidates [M * N, W], those of a pivot together
     * @param nearest the labelled candidate of each pivot, 0 to N-1
     * @param factor the gradient is that of factor * loss
     * @param dPivots [M, W], accumulated
     * @param dCandidates [M * N, W], accumulated
     * @param sums receives the sum of the losses; the mean is that divided by {@link #terms}
     * @param slot the place in {@code sums}
     */
    public void lossAndGradient(
            Tensor pivots,
            Tensor candidates,
            int[] nearest,
            double factor,
            Tensor dPivots,
            Tensor dCandidates,
            Doubles sums,
            int slot) {
        int count = Math.toIntExact(pivots.rows());
        int each = Math.toIntExact(candidates.rows()) / count;
        int width = Math.toIntExact(pivots.columns());
        int part = width / heads;
        int rows = count * heads;
        logitRows = RowBuffer.ofWidth(logitRows, device, each);
        Tensor logits = logitRows.rows(rows);
        Tensor losses = lossRows.rows(rows);
        for (int h = 0; h < heads; h++) {
            device.matmulBatched(
                    count,
                    1,
                    each,
                    part,
                    1,
                    pivots.from(h * part),
                    width,
                    width,
                    false,
                    candidates.from(h * part),
                    width,
                    (long) each * width,
                    true,
                    0,
                    logits.from(h * each),
                    heads * each,
                    (long) heads * each);
        }
        device.crossEntropy(
                logits,
                labels.upload(repeat(nearest, count), rows),
                scale,
                smoothing,
                true,
                (float) (factor / rows),
                losses);
        for (int h = 0; h < heads; h++) {
            Tensor gradient = logits.from(h * each);
            device.matmulBatched(
                    count,
                    1,
                    part,
                    each,
                    1,
                    gradient,
                    heads * each,
                    (long) heads * each,
                    false,
                    candidates.from(h * part),
                    width,
                    (long) each * width,
                    false,
                    1,
                    dPivots.from(h * part),
                    width,
                    width);
            device.matmulBatched(
                    count,
                    each,
                    part,
                    1,
                    1,
                    gradient,
                    heads * each,
                    (long) heads * each,
                    true,
                    pivots.from(h * part),
                    width,
                    width,
                    false,
                    1,
                    dCandidates.from(h * part),
                    width,
                    (long) each * width);
        }
        device.sum(losses, sums, slot);
    }

    /** Number of losses in the mean over this many pivots. */
    int terms(int pivots) {
        return pivots * heads;
    }

    private int[] repeat(int[] nearest, int count) {
        if (heads == 1) {
            return nearest;
        }
        if (headLabels.length < count * heads) {
            headLabels = new int[count * heads];
        }
        for (int i = 0; i < count * heads; i++) {
            headLabels[i] = nearest[i / heads];
        }
        return headLabels;
    }
}
