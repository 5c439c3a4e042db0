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
    /** Null where all rows are read. */
    private final ReadRows read;

    /**
     * @param readRows rows of a sample, from the first on, whose output is read; 0 for all
     * @param training whether there will be a backward pass
     */
    public TransformerStack(
            Device device, TransformerBlock[] blocks, int width, int innerWidth, int readRows, boolean training) {
        this.blocks = blocks;
        this.read = readRows == 0 ? null : new ReadRows(device, readRows, width);
        this.buffers = new BlockBuffers(device, blocks.length, width, innerWidth, training);
        this.training = training;
    }

    /** The shape of the pass: samples of {@code length} rows. */
    public void begin(int samples, int length) {
        if (read != null) {
            read.begin(samples, length);
        }
    }

    /** The caller writes the input of the first block here, [rows, C]. */
    public Tensor input(int rows) {
        return buffers.stream(0).rows(rows);
    }

    /**
     * Runs all blocks on {@link #input}; returns the residual stream after the last one, of the rows that are read
     * [read rows, C].
     */
    public Tensor forward(int rows, AttentionLayer attention, RandomKeys keys) {
        int last = blocks.length - 1;
        for (int i = 0; i < blocks.length; i++) {
            if (i == last && read != null) {
                return forwardRead(rows, attention, keys);
            }
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

    /** The last block where only some rows are read: its first half on all rows, its second half on these. */
    private Tensor forwardRead(int rows, AttentionLayer attention, RandomKeys keys) {
        int last = blocks.length - 1;
        Tensor stream = buffers.stream(last).rows(rows);
        Tensor qkv = buffers.kept(last).qkv.rows(rows);
        Tensor attended = buffers.kept(last).attended.rows(rows);
        if (training) {
            blocks[last].project(rows, stream, qkv, buffers);
        } else {
            projectSlices(last, rows);
        }
        attention.forward(last, qkv, attended);
        Tensor output = buffers.stream(blocks.length).rows(read.count());
        Tensor input = read.input(stream);
        blocks[last].finish(read.count(), input, read.attended(attended), output, buffers, keys, training);
        return output;
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
        projectSlices(layer, rows);
        attention.forward(layer, qkv, attended);
        for (int first = 0, count; first < rows; first += count) {
            count = slice(rows - first);
            Tensor slice = stream.rows(first, count);
            blocks[layer].finish(count, slice, attended.rows(first, count), slice, buffers, keys, false);
        }
    }

    private void projectSlices(int layer, int rows) {
        Tensor stream = buffers.stream(layer).rows(rows);
        Tensor qkv = buffers.kept(layer).qkv.rows(rows);
        for (int first = 0, count; first < rows; first += count) {
            count = slice(rows - first);
            blocks[layer].project(count, stream.rows(first, count), qkv.rows(first, count), buffers);
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

    /** The caller writes the gradient of what {@link #forward} returned here, of the same shape. */
    public Tensor gradient(int rows) {
        return read == null ? buffers.dStream.rows(rows) : read.gradient();
    }

    /**
     * Runs all blocks backwards on {@link #gradient}.
     *
     * @return the gradient of {@link #input}, [rows, C]
     */
    public Tensor backward(int rows, AttentionLayer attention, RandomKeys keys) {
        if (!training) {
            throw new IllegalStateException("Cannot go backward: the activations of this pass were not kept");
        }
        Tensor gradient = buffers.dStream.rows(rows);
        for (int i = blocks.length - 1; i >= 0; i--) {
            if (i == blocks.length - 1 && read != null) {
                backwardRead(rows, gradient, attention, keys);
            } else {
                blocks[i].backward(rows, buffers.stream(i).rows(rows), gradient, buffers, attention, keys);
            }
        }
        return gradient;
    }

    /** The backward pass of {@link #forwardRead}. */
    private void backwardRead(int rows, Tensor gradient, AttentionLayer attention, RandomKeys keys) {
        int last = blocks.length - 1;
        blocks[last].finishBackward(read.count(), read.attended(), read.gradient(), read.dAttended(), buffers, keys);
        Tensor dAttended = buffers.dAttended.rows(rows);
        Tensor dQkv = buffers.dQkv.rows(rows);
        read.spread(read.dAttended(), dAttended);
        read.spread(read.gradient(), gradient);
        BlockBuffers.Kept kept = buffers.kept(last);
        attention.backward(last, kept.qkv.rows(rows), kept.attended.rows(rows), dAttended, dQkv);
        blocks[last].projectBackward(rows, buffers.stream(last).rows(rows), dQkv, gradient, buffers);
    }
}
