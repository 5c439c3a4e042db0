package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.model.transformer.TransformerBlock.AttentionLayer;

/** A sequence of blocks and their activations. */
public final class TransformerStack {
    /**
     * Fewest rows of a slice in evaluation. From this size on, devices split rows in the same way, so a row's bits do
     * not depend on its slice.
     */
    private static final int SLICE = 2048;

    private final TransformerBlock[] blocks;
    private final BlockBuffers buffers;
    private final boolean training;

    /** @param training whether there will be a backward pass */
    public TransformerStack(Device device, TransformerBlock[] blocks, int width, int innerWidth, boolean training) {
        this.blocks = blocks;
        this.buffers = new BlockBuffers(device, blocks.length, width, innerWidth, training);
        this.training = training;
    }

    /** The caller writes the input of the first block here, [rows, C]. */
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
     * Runs a block in evaluation. Only attention needs all rows at once; everything else works on slices of rows. So
     * the block needs 4 C floats per row, and its other memory does not grow with the rows. The residual stream is
     * changed in place.
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

    /** Number of rows in the next slice, given the number of rows left. */
    private static int slice(int left) {
        return left < 2 * SLICE ? left : SLICE;
    }

    /** The residual stream before a layer in the last training pass. */
    public Tensor stream(int layer, int rows) {
        return buffers.stream(layer).rows(rows);
    }

    /**
     * The caller writes the gradient of the last block's output here; after {@link #backward} it holds the gradient of
     * the input.
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
