package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.model.TransformerBlock.AttentionLayer;

/** A sequence of blocks and their activations. */
final class TransformerStack {
    private final TransformerBlock[] blocks;
    private final BlockBuffers buffers;
    private final boolean training;

    /** @param training whether a backward pass will be asked for */
    TransformerStack(Device device, TransformerBlock[] blocks, int width, int innerWidth, boolean training) {
        this.blocks = blocks;
        this.buffers = new BlockBuffers(device, blocks.length, width, innerWidth, training);
        this.training = training;
    }

    /** Where the caller writes the input of the first block, [rows, C]. */
    Tensor input(int rows) {
        return buffers.stream(0).rows(rows);
    }

    /** Runs all blocks on {@link #input}; returns the residual stream after the last one, [rows, C]. */
    Tensor forward(int rows, AttentionLayer attention, RandomKeys keys) {
        for (int i = 0; i < blocks.length; i++) {
            blocks[i].forward(rows, buffers.stream(i).rows(rows), buffers.stream(i + 1).rows(rows), buffers, attention, keys, training);
        }
        return buffers.stream(blocks.length).rows(rows);
    }

    /** The residual stream before a layer, of the last pass while training. */
    Tensor stream(int layer, int rows) {
        return buffers.stream(layer).rows(rows);
    }

    /** Where the caller writes the gradient of the last block's output; after {@link #backward} it is that of the input. */
    Tensor gradient(int rows) {
        return buffers.dStream.rows(rows);
    }

    /** Runs all blocks backwards on {@link #gradient}. */
    void backward(int rows, AttentionLayer attention, RandomKeys keys) {
        if (!training) {
            throw new IllegalStateException("Cannot go backward: the activations of this pass were not kept");
        }
        for (int i = blocks.length - 1; i >= 0; i--) {
            blocks[i].backward(rows, buffers.stream(i).rows(rows), buffers.dStream.rows(rows), buffers, attention, keys);
        }
    }
}
