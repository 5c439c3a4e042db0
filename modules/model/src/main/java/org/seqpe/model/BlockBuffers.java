package org.seqpe.model;

import org.seqpe.compute.Device;

/**
 * The activations of a stack of blocks. While training every layer keeps its own for the backward pass; in evaluation all layers use one set,
 * of which only the stream, qkv and attended have memory for more than a slice of the rows.
 */
final class BlockBuffers {
    /** What one layer keeps: 7 C + 2 M + 4 floats a row, M being the MLP's inner width. */
    static final class Kept {
        final RowBuffer normed1;
        final RowBuffer mean1;
        final RowBuffer rstd1;
        final RowBuffer qkv;
        final RowBuffer attended;
        final RowBuffer middle;
        final RowBuffer normed2;
        final RowBuffer mean2;
        final RowBuffer rstd2;
        final RowBuffer preInner;
        final RowBuffer inner;

        private Kept(Device device, int width, int innerWidth) {
            normed1 = new RowBuffer(device, width);
            mean1 = new RowBuffer(device, 1);
            rstd1 = new RowBuffer(device, 1);
            qkv = new RowBuffer(device, 3 * width);
            attended = new RowBuffer(device, width);
            middle = new RowBuffer(device, width);
            normed2 = new RowBuffer(device, width);
            mean2 = new RowBuffer(device, 1);
            rstd2 = new RowBuffer(device, 1);
            preInner = new RowBuffer(device, innerWidth);
            inner = new RowBuffer(device, innerWidth);
        }
    }

    private final Kept[] kept;
    private final RowBuffer[] stream;
    final RowBuffer branch;
    final RowBuffer dInner;
    final RowBuffer dQkv;
    final RowBuffer dAttended;
    final RowBuffer dStream;

    /** @param training whether every layer keeps its own activations */
    BlockBuffers(Device device, int layers, int width, int innerWidth, boolean training) {
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
        branch = new RowBuffer(device, width);
        dInner = new RowBuffer(device, innerWidth);
        dQkv = new RowBuffer(device, 3 * width);
        dAttended = new RowBuffer(device, width);
        dStream = new RowBuffer(device, width);
    }

    /** The kept activations of a layer. */
    Kept kept(int layer) {
        return kept[layer];
    }

    /** The residual stream before a layer; that after the last one for the number of layers. */
    RowBuffer stream(int layer) {
        return stream[layer];
    }
}
