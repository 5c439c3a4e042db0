package org.seqpe.model.seqpe;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig.Transfer.Metric;

/**
 * The transfer loss (method.md section 4; the reference's SeqPeTransferCriterion): the dot products among K positions
 * of a far window should be distributed like those among the same offsets of the model's own window.
 */
public final class TransferLoss {
    private final Device device;
    private final int heads;
    private final float scale;
    private final Metric metric;
    private final float beta;
    private final IntBuffer ownRows;
    private RowBuffer teacherRows;
    private RowBuffer dTeacherRows;
    private RowBuffer teacherGramRows;
    private RowBuffer studentGramRows;
    private final RowBuffer lossRows;

    /**
     * @param heads number of parts of the vectors that are compared separately
     * @param scale factor of the dot products
     * @param beta share of the loss that trains the far window; the rest trains the own window
     */
    public TransferLoss(Device device, int heads, float scale, Metric metric, float beta) {
        this.device = device;
        this.heads = heads;
        this.scale = scale;
        this.metric = metric;
        this.beta = beta;
        this.ownRows = new IntBuffer(device);
        lossRows = new RowBuffer(device, 1);
    }

    /**
     * Measures the loss of every element of the K x K matrices.
     *
     * @param own vectors of the own window [T, W]
     * @param far vectors of the far windows [b * K, W]
     * @param offsets the rows of the own window that correspond to the far rows, b * K of them
     * @param windows b
     * @param factor the gradient is that of factor * loss
     * @param dOwn [T, W], accumulated
     * @param dFar [b * K, W], accumulated
     * @param sums receives the sum of the losses; the mean is that divided by {@link #terms}
     * @param slot the place in {@code sums}
     */
    public void lossAndGradient(
            Tensor own,
            Tensor far,
            int[] offsets,
            int windows,
            double factor,
            Tensor dOwn,
            Tensor dFar,
            Doubles sums,
            int slot) {
        int width = Math.toIntExact(own.columns());
        int each = Math.toIntExact(far.rows()) / windows;
        int rows = windows * heads * each;
        teacherRows = RowBuffer.ofWidth(teacherRows, device, width);
        dTeacherRows = RowBuffer.ofWidth(dTeacherRows, device, width);
        teacherGramRows = RowBuffer.ofWidth(teacherGramRows, device, each);
        studentGramRows = RowBuffer.ofWidth(studentGramRows, device, each);
        Tensor teacher = teacherRows.rows(windows * each);
        Tensor teacherGram = teacherGramRows.rows(rows);
        Tensor studentGram = studentGramRows.rows(rows);
        Tensor losses = lossRows.rows(rows);
        device.gather(ownRows.upload(offsets, windows * each), own, teacher, false);
        gram(teacher, teacherGram, windows, each, width);
        gram(far, studentGram, windows, each, width);
        double elements = terms(windows, each);
        device.divergence(
                teacherGram, studentGram, scale, metric == Metric.KL, beta, (float) (factor / elements), losses);
        gramBackward(studentGram, far, dFar, windows, each, width);
        if (beta < 1) {
            Tensor dTeacher = dTeacherRows.rows(windows * each);
            device.fill(dTeacher, 0);
            gramBackward(teacherGram, teacher, dTeacher, windows, each, width);
            device.scatterAdd(ownRows.get(), dTeacher, dOwn);
        }
        device.sum(losses, sums, slot);
    }

    /** out[b, h] = x[b, h] x[b, h]^T. */
    private void gram(Tensor x, Tensor out, int windows, int each, int width) {
        int part = width / heads;
        long stride = (long) each * width;
        for (int h = 0; h < heads; h++) {
            device.matmulBatched(
                    windows,
                    each,
                    each,
                    part,
                    1,
                    x.from(h * part),
                    width,
                    stride,
                    false,
                    x.from(h * part),
                    width,
                    stride,
                    true,
                    0,
                    out.from((long) h * each * each),
                    each,
                    (long) heads * each * each);
        }
    }

    /** dX += (dGram + dGram^T) x: both factors of the product are x. */
    private void gramBackward(Tensor dGram, Tensor x, Tensor dX, int windows, int each, int width) {
        int part = width / heads;
        long stride = (long) each * width;
        for (int h = 0; h < heads; h++) {
            Tensor gradient = dGram.from((long) h * each * each);
            for (int transpose = 0; transpose < 2; transpose++) {
                device.matmulBatched(
                        windows,
                        each,
                        part,
                        each,
                        1,
                        gradient,
                        each,
                        (long) heads * each * each,
                        transpose == 1,
                        x.from(h * part),
                        width,
                        stride,
                        false,
                        1,
                        dX.from(h * part),
                        width,
                        stride);
            }
        }
    }

    /** Number of losses in the mean over this many windows with {@code each} compared positions. */
    double terms(int windows, int each) {
        return (double) windows * heads * each * each;
    }
}
