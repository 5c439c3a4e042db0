package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.model.transformer.TransformerBlock.AttentionLayer;

/** A sequence of blocks and their activations. */
public final class TransformerStack {
    /**
     * Fewest rows of a slice in evaluation. Devices cut so many rows as they cut more of them, so a row's bits do not
     * depend on its slice.
     */
    private static final int SLICE = 2048;

    private final TransformerBlock[] blocks;
    private final BlockBuffers buffers;
    private final boolean training;

    /** @param training whether a backward pass will be asked for */
    public TransformerStack(Device device, TransformerBlock[] blocks, int width, int innerWidth, boolean training) {
        this.blocks = blocks;
        this.buffers = new BlockBuffers(device, blocks.length, width, innerWidth, training);
        this.training = training;
    }

    /** Where the caller writes the input of the first block, [rows, C]. */
    public Tensor input(int rows) {
        return buffers.stream(0).rows(rows);
    }

    /** Runs all blocks on {@link #input}; returns the residual stream after the last one, [rows, C]. */
    public Tensor forward(int rows, AttentionLayer attention, RandomKeys keys) {
        for (int i = 0; i < blocks.length; i++) {
            if (training) {
                blocks[i].forward(
                        rows,
                        buffers.stream(i).rows(rows),
                        buffers.stream(i + 1).rows(rows),
                        buffers,
                        attention,
                        keys);
            } else {
                evaluate(i, rows, attention, keys);
            }
        }
        return buffers.stream(blocks.length).rows(rows);
    }

    /**
     * A block in evaluation. Only attention needs all rows at once; everything else goes by slices of them, so that the
     * block's own memory is 4 C floats a row, and the rest does not grow with the rows. The residual stream is changed
     * in place.
     */
    private void evaluate(int layer, int rows, AttentionLayer attention, RandomKeys keys) {
        Tensor stream = buffers.stream(layer).rows(rows);
        Tensor qkv = buffers.kept(layer).qkv.rows(rows);
        Tensor attended = buffers.kept(layer).attended.rows(rows);
        for (int first = 0, count; first < rows; first += count) {
            count = slice(rows - first);
            blocks[layer].project(count, stream.rows(first, count), qkv.rows(first, count), buffers);
        }
        attention.forward(layer, qkv, attended);
        for (int first = 0, count; first < rows; first += count) {
            count = slice(rows - first);
            Tensor slice = stream.rows(first, count);
            blocks[layer].finish(count, slice, attended.rows(first, count), slice, buffers, keys, false);
        }
    }

    /** How many of the rows that are left the next slice takes. */
    private static int slice(int left) {
        return left < 2 * SLICE ? left : SLICE;
    }

    /** The residual stream before a layer, of the last pass while training. */
    public Tensor stream(int layer, int rows) {
        return buffers.stream(layer).rows(rows);
    }

    /**
     * Where the caller writes the gradient of the last block's output; after {@link #backward} it is that of the input.
     */
    public Tensor gradient(int rows) {
        return buffers.dStream.rows(rows);
    }

    /** Runs all blocks backwards on {@link #gradient}. */
    public void backward(int rows, AttentionLayer attention, RandomKeys keys) {
        if (!training) {
            throw new IllegalStateException("Cannot go backward: the activations of this pass were not kept");
        }
        for (int i = blocks.length - 1; i >= 0; i--) {
            blocks[i].backward(
                    rows, buffers.stream(i).rows(rows), buffers.dStream.rows(rows), buffers, attention, keys);
        }
    }
}
