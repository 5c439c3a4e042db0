package org.seqpe.model.qa;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.text.LanguageHead;
import org.seqpe.model.text.PickedRows;

/** The tied output layer on the rows that have a label: of a long prompt with a short answer these are few. */
final class AnswerHead {
    private final Device device;
    private final LanguageHead head;
    private final PickedRows picked;
    private final RowBuffer gradients;
    private int[] rows = new int[0];
    private int[] labels = new int[0];

    /** @param embedding the token embedding [V, C] */
    AnswerHead(Device device, Weight embedding) {
        this.device = device;
        head = new LanguageHead(device, embedding);
        int width = Math.toIntExact(embedding.value().columns());
        picked = new PickedRows(device, width);
        gradients = RowBuffer.ofActivations(device, width);
    }

    /** Takes the labels of {@code count} rows; rows with negative ones are left out. */
    void begin(int[] targets, int count) {
        int labelled = 0;
        if (rows.length < count) {
            rows = new int[count];
            labels = new int[count];
        }
        for (int row = 0; row < count; row++) {
            if (targets[row] >= 0) {
                rows[labelled] = row;
                labels[labelled++] = targets[row];
            }
        }
        picked.begin(rows, labelled);
    }

    /** As {@link org.seqpe.model.TaskLayers#lossAndGradient}. */
    void lossAndGradient(Tensor hidden, float factor, Tensor dHidden, Doubles sums, int slot) {
        device.fill(dHidden, 0);
        if (picked.count() > 0) {
            Tensor gradient = gradients.rows(picked.count());
            head.lossAndGradient(picked.of(hidden), labels, factor, gradient, sums, slot);
            picked.addTo(gradient, dHidden);
        }
    }

    /** The losses of the labelled rows, in their order; valid until the next call. */
    float[] losses(Tensor hidden) {
        return picked.count() == 0 ? new float[0] : head.losses(picked.of(hidden), labels);
    }

    Tensor logits(Tensor hidden) {
        return head.logits(hidden);
    }
}
