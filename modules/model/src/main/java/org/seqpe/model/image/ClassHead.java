package org.seqpe.model.image;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.Ints;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;

/** The linear layer that reads the class tokens, and its loss for one class or a mixture of two. */
final class ClassHead {
    private final Device device;
    private final Weight weight;
    private final Weight bias;
    private final int classes;
    private final float smoothing;
    private final RowBuffer logits;
    private final RowBuffer otherLogits;
    private final RowBuffer dLogits;
    private final RowBuffer losses;
    private final RowBuffer otherLosses;
    private final IntBuffer ownIds;
    private final IntBuffer otherIds;
    private int[] own = new int[0];
    private int[] other = new int[0];
    private float[] shares = new float[0];

    ClassHead(ImageTask task, Parameters parameters, Device device) {
        this.device = device;
        weight = parameters.weight(ImageTask.HEAD_WEIGHT);
        bias = parameters.weight(ImageTask.HEAD_BIAS);
        classes = task.classes();
        smoothing = (float) task.labelSmoothing();
        // Few rows, whose losses are not to be rounded.
        logits = new RowBuffer(device, classes);
        otherLogits = new RowBuffer(device, classes);
        dLogits = RowBuffer.ofActivations(device, classes);
        losses = new RowBuffer(device, 1);
        otherLosses = new RowBuffer(device, 1);
        ownIds = new IntBuffer(device);
        otherIds = new IntBuffer(device);
    }

    /** Takes the labels of the next pass, [count, {@link ImageTask#LABEL_SIZE}] from {@code from}. */
    void begin(float[] labels, int from, int count) {
        if (own.length < count) {
            own = new int[count];
            other = new int[count];
            shares = new float[count];
        }
        for (int i = 0; i < count; i++) {
            int at = from + i * ImageTask.LABEL_SIZE;
            own[i] = (int) labels[at];
            other[i] = (int) labels[at + 1];
            shares[i] = labels[at + 2];
        }
        ownIds.upload(own, count);
        otherIds.upload(other, count);
    }

    /**
     * The logits of samples.
     *
     * @param hidden the class tokens [B, C]
     * @return [B, classes], valid until the next call
     */
    Tensor logits(Tensor hidden) {
        Tensor out = logits.rows(Math.toIntExact(hidden.rows()));
        device.matmul(hidden, false, weight.operand(), true, 1, 0, out);
        device.addRows(out, bias.value().reshape(1, classes), out);
        return out;
    }

    /**
     * Measures the losses of all labelled samples, and takes the gradient of factor times their sum.
     *
     * @param dHidden [B, C], overwritten
     */
    void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
        int batch = Math.toIntExact(hidden.rows());
        Tensor gradient = logits(hidden);
        Tensor loss = losses.rows(batch);
        // Pictures of a batch are mixed with the same share, so there is one group, seldom two.
        for (int first = 0, end; first < batch; first = end) {
            end = first + 1;
            while (end < batch && shares[end] == shares[first]) {
                end++;
            }
            int count = end - first;
            mixedLoss(
                    gradient.rows(first, count),
                    ownIds.get().view(first, count),
                    otherIds.get().view(first, count),
                    shares[first],
                    factor,
                    loss.view(first, count));
        }
        device.sum(loss, sums, slot);
        backward(dLogits.inPrecision(gradient), gradient, hidden, dHidden);
    }

    /** Replaces the logits of samples with the same share by their gradient. */
    private void mixedLoss(Tensor some, Ints ids, Ints others, float share, float factor, Tensor loss) {
        if (share == 1) {
            device.crossEntropy(some, ids, 1, smoothing, true, factor, loss);
            return;
        }
        int count = Math.toIntExact(some.rows());
        Tensor copy = otherLogits.rows(count);
        device.copy(some, copy);
        Tensor otherLoss = otherLosses.rows(count).reshape(count);
        device.crossEntropy(some, ids, 1, smoothing, true, factor * share, loss);
        device.crossEntropy(copy, others, 1, smoothing, true, factor * (1 - share), otherLoss);
        device.add(some, copy, some);
        device.scale(loss, share);
        device.axpy(1 - share, otherLoss, loss);
    }

    /** @param exact the gradient of the logits in float32, [B, classes] */
    private void backward(Tensor operand, Tensor exact, Tensor hidden, Tensor dHidden) {
        device.matmul(operand, false, weight.operand(), false, 1, 0, dHidden);
        device.matmul(operand, true, hidden, false, 1, 1, weight.gradient());
        device.sumRows(exact, bias.gradient().reshape(1, classes));
    }
}
