package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;

/**
 * The rows that a task's head reads: the first ones of every sample. After the last attention nothing else is needed of
 * the others, so the last block's second half and the last norm work on these alone; the result is the same.
 */
final class ReadRows {
    private final Device device;
    private final int each;
    private final IntBuffer numbers;
    private final RowBuffer input;
    private final RowBuffer attended;
    private final RowBuffer gradient;
    private final RowBuffer dAttended;
    private int samples;
    private int length;

    /** @param each rows of a sample that are read, fewer than it has */
    ReadRows(Device device, int each, int width) {
        this.device = device;
        this.each = each;
        numbers = new IntBuffer(device);
        input = new RowBuffer(device, width);
        attended = RowBuffer.ofActivations(device, width);
        gradient = new RowBuffer(device, width);
        dAttended = RowBuffer.ofActivations(device, width);
    }

    /** The shape of the pass: samples of {@code newLength} rows. */
    void begin(int newSamples, int newLength) {
        if (samples == newSamples && length == newLength) {
            return;
        }
        samples = newSamples;
        length = newLength;
        int[] rows = new int[count()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i / each * length + i % each;
        }
        numbers.upload(rows, rows.length);
    }

    /** Number of rows that are read. */
    int count() {
        return samples * each;
    }

    /** These rows of the residual stream before the last block, [count, C]; kept until the next pass. */
    Tensor input(Tensor stream) {
        device.gather(numbers.get(), stream, input.rows(count()), false);
        return input.rows(count());
    }

    /** These rows of the last attention's result, [count, C]; kept until the next pass. */
    Tensor attended(Tensor all) {
        device.gather(numbers.get(), all, attended.rows(count()), false);
        return attended.rows(count());
    }

    /** What {@link #attended(Tensor)} returned. */
    Tensor attended() {
        return attended.rows(count());
    }

    /** The gradient of the last block's output, [count, C]. */
    Tensor gradient() {
        return gradient.rows(count());
    }

    /** The gradient of {@link #attended()}, [count, C]. */
    Tensor dAttended() {
        return dAttended.rows(count());
    }

    /** Writes rows to their places among all rows; the others become 0. */
    void spread(Tensor rows, Tensor all) {
        device.fill(all, 0);
        device.scatterAdd(numbers.get(), rows, all);
    }
}
