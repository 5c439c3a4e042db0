package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.RowBuffer;

/**
 * The activations of a stack of blocks. While training every layer keeps its own for the backward pass; in evaluation
 * all layers share one set, in which only the stream, qkv and attended have memory for more than a slice of the rows.
 */
public final class BlockBuffers {
    /** What one layer keeps: 6 C + 2 M activations and C + 4 floats per row, where M is the MLP's inner width. */
    public static final class Kept {
        public final RowBuffer normed1;
        public final RowBuffer mean1;
        public final RowBuffer rstd1;
        public final RowBuffer qkv;
        public final RowBuffer attended;
        public final RowBuffer middle;
        public final RowBuffer normed2;
        public final RowBuffer mean2;
        public final RowBuffer rstd2;
        public final RowBuffer preInner;
        public final RowBuffer inner;

        private Kept(Device device, int width, int innerWidth) {
            normed1 = RowBuffer.ofOperands(device, width);
            mean1 = new RowBuffer(device, 1);
            rstd1 = new RowBuffer(device, 1);
            qkv = RowBuffer.ofActivations(device, 3 * width);
            attended = RowBuffer.ofActivations(device, width);
            middle = new RowBuffer(device, width);
            normed2 = RowBuffer.ofOperands(device, width);
            mean2 = new RowBuffer(device, 1);
            rstd2 = new RowBuffer(device, 1);
            preInner = RowBuffer.ofActivations(device, innerWidth);
            inner = RowBuffer.ofOperands(device, innerWidth);
        }
    }

    private final Kept[] kept;
    private final RowBuffer[] stream;
    final RowBuffer branch;
    final RowBuffer dInner;
    public final RowBuffer dQkv;
    public final RowBuffer dAttended;
    public final RowBuffer dStream;

    /** @param training whether every layer keeps its own activations */
    public BlockBuffers(Device device, int layers, int width, int innerWidth, boolean training) {
        kept = new Kept[layers];
        stream = new RowBuffer[layers + 1];
        Kept shared = training ? null : new Kept(device, width, innerWidth);
        RowBuffer sharedStream = training ? null : new RowBuffer(device, width);
        for (int i = 0; i < layers; i++) {
            kept[i] = training ? new Kept(device, width, innerWidth) : shared;
        }
        for (int i = 0; i <= layers; i++) {
            stream[i] = training ? new RowBuffer(device, width) : sharedStream;
        }
        branch = RowBuffer.ofActivations(device, width);
        dInner = RowBuffer.ofActivations(device, innerWidth);
        dQkv = RowBuffer.ofActivations(device, 3 * width);
        dAttended = RowBuffer.ofActivations(device, width);
        dStream = new RowBuffer(device, width);
    }

    /** The kept activations of a layer. */
    public Kept kept(int layer) {
        return kept[layer];
    }

    /** The residual stream before a layer; for the number of layers, the stream after the last one. */
    public RowBuffer stream(int layer) {
        return stream[layer];
    }
}
