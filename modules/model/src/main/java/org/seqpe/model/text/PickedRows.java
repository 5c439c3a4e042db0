package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;

/** Some rows of the hidden states, side by side, as the output layer reads them. */
public final class PickedRows {
    private final Device device;
    private final IntBuffer numbers;
    private final RowBuffer exact;
    private final RowBuffer picked;
    private final RowBuffer operands;
    private int count;

    /** @param width C */
    public PickedRows(Device device, int width) {
        this.device = device;
        numbers = new IntBuffer(device);
        exact = new RowBuffer(device, width);
        picked = new RowBuffer(device, width);
        operands = RowBuffer.ofOperands(device, width);
    }

    /** Sets which rows: the first {@code newCount} of these numbers. */
    public void begin(int[] rows, int newCount) {
        count = newCount;
        numbers.upload(rows, newCount);
    }

    /** How many rows. */
    public int count() {
        return count;
    }

    /** These rows of the hidden states [N, C]: [count, C], valid until the next call. */
    public Tensor of(Tensor hidden) {
        device.gather(numbers.get(), exact.inPrecision(hidden), picked.rows(count), false);
        return operands.inPrecision(picked.rows(count));
    }

    /** Adds gradients of these rows [count, C] to those of all rows [N, C]. */
    public void addTo(Tensor gradients, Tensor ofAll) {
        device.scatterAdd(numbers.get(), gradients, ofAll);
    }
}
