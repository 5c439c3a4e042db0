package org.seqpe.model.seqpe;

import java.util.stream.IntStream;
import org.seqpe.compute.AttentionHeads;
import org.seqpe.compute.Device;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Heads;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.ListAttention;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.transformer.BlockBuffers;
import org.seqpe.model.transformer.RandomKeys;
import org.seqpe.model.transformer.RandomKeys.Site;
import org.seqpe.model.transformer.StochasticDepth;
import org.seqpe.model.transformer.TransformerBlock;

/**
 * The layers of the position encoder on the elements of a {@link PrefixTree}. The result is that of the plain stack on
 * every element, but parts that are unused or common to many elements are not computed again. The first layer's norm
 * and projections are computed once for each different input. In the last layer, everything after the keys and values
 * is computed for the tips alone.
 */
final class DigitStack {
    /** The same as in GPT-2 and in the reference. */
    static final float EPSILON = 1e-5f;

    private final Device device;
    private final SeqPeConfig config;
    private final PrefixTree tree;
    private final RandomKeys keys;
    private final boolean training;
    private final int heads;
    private final int headWidth;
    private final int width;
    private final TransformerBlock[] blocks;
    private final BlockBuffers buffers;
    private final RowBuffer table;
    private final RowBuffer dTable;
    private final RowBuffer[] attentionWeights;
    private final IntBuffer rowInputs;
    private final Asking[] asking;
    private int[] identity = new int[0];

    /** @param training whether {@link #backward} will be called, and dropout applies to the branches */
    DigitStack(
            ModelSpec spec, Parameters parameters, Device device, PrefixTree tree, RandomKeys keys, boolean training) {
        this.device = device;
        this.config = spec.seqpe();
        this.tree = tree;
        this.keys = keys;
        this.training = training;
        width = spec.encoderWidth();
        heads = spec.config().heads();
        headWidth = width / heads;
        int layers = config.layers();
        blocks = new TransformerBlock[layers];
        TransformerBlock.Form form = new TransformerBlock.Form(
                EPSILON,
                (float) config.residualDropout(),
                Gelu.TANH,
                Site.ENCODER_ATTENTION_OUTPUT,
                Site.ENCODER_MLP_OUTPUT);
        attentionWeights = new RowBuffer[layers];
        asking = new Asking[layers];
        for (int i = 0; i < layers; i++) {
            blocks[i] = new TransformerBlock(device, parameters, names(i), i, form, StochasticDepth.none());
            attentionWeights[i] = new RowBuffer(device, heads * tree.keySlots());
            asking[i] = new Asking(device);
        }
        buffers = new BlockBuffers(device, layers, width, 4 * width, training);
        table = new RowBuffer(device, width);
        dTable = new RowBuffer(device, width);
        rowInputs = new IntBuffer(device);
    }

    static TransformerBlock.Names names(int layer) {
        return new TransformerBlock.Names(
                ParameterLayout.POSITION_PREFIX + "transformers." + layer, ".layernorm_1", ".layernorm_2");
    }

    /** The queries of a layer's attention and the keys that each one attends to. */
    private record Asking(IntBuffer queries, IntBuffer keys) {
        private Asking(Device device) {
            this(new IntBuffer(device), new IntBuffer(device));
        }
    }

    /** The caller writes the vector of each input of the tree here, [inputs, C]. */
    Tensor inputs() {
        return table.rows(tree.inputCount());
    }

    /**
     * Runs all layers on the tree's elements; returns the residual stream of its tips after the last layer, [tips, C].
     */
    Tensor forward() {
        int elements = tree.elements();
        device.gather(
                rowInputs.upload(tree.inputs(), elements),
                inputs(),
                buffers.stream(0).rows(elements),
                false);
        for (int layer = 0; layer < blocks.length; layer++) {
            int rows = rows(layer);
            Tensor qkv = buffers.kept(layer).qkv.rows(sources(layer));
            Tensor attended = buffers.kept(layer).attended.rows(rows);
            blocks[layer].project(sources(layer), layer == 0 ? inputs() : stream(layer), qkv, buffers);
            uploadLists(layer);
            device.listAttention(
                    new ListAttention(
                            rows,
                            sources(layer),
                            heads,
                            headWidth,
                            scale(),
                            tree.keySlots(),
                            dropout(),
                            keys.key(Site.ENCODER_ATTENTION, layer)),
                    asking[layer].queries.get(),
                    asking[layer].keys.get(),
                    AttentionHeads.of(part(qkv, 0), part(qkv, 1), part(qkv, 2)),
                    part(attended, 0),
                    training ? attentionWeights[layer].rows(rows) : null);
            blocks[layer].finish(
                    rows,
                    lastRows(stream(layer), rows),
                    attended,
                    buffers.stream(layer + 1).rows(rows),
                    buffers,
                    keys,
                    training);
        }
        return buffers.stream(blocks.length).rows(tree.tips());
    }

    /** The caller writes the gradient of {@link #forward}'s result here, [tips, C]. */
    Tensor gradient() {
        return lastRows(buffers.dStream.rows(tree.elements()), tree.tips());
    }

    /** Runs all layers backward from {@link #gradient}; returns the gradient of {@link #inputs}. */
    Tensor backward() {
        Tensor dStream = buffers.dStream.rows(tree.elements());
        Tensor dInputs = dTable.rows(tree.inputCount());
        device.fill(dInputs, 0);
        if (tree.firstTip() > 0) {
            device.fill(dStream.firstRows(tree.firstTip()), 0);
        }
        for (int layer = blocks.length - 1; layer >= 0; layer--) {
            int rows = rows(layer);
            Tensor qkv = buffers.kept(layer).qkv.rows(sources(layer));
            Tensor attended = buffers.kept(layer).attended.rows(rows);
            Tensor dAttended = buffers.dAttended.rows(rows);
            Tensor dQkv = buffers.dQkv.rows(sources(layer));
            blocks[layer].finishBackward(rows, attended, lastRows(dStream, rows), dAttended, buffers, keys);
            device.listAttentionBackward(
                    new ListAttention(
                            rows,
                            sources(layer),
                            heads,
                            headWidth,
                            scale(),
                            tree.keySlots(),
                            dropout(),
                            keys.key(Site.ENCODER_ATTENTION, layer)),
                    asking[layer].queries.get(),
                    asking[layer].keys.get(),
                    AttentionHeads.of(part(qkv, 0), part(qkv, 1), part(qkv, 2)),
                    attentionWeights[layer].rows(rows),
                    part(dAttended, 0),
                    AttentionHeads.of(part(dQkv, 0), part(dQkv, 1), part(dQkv, 2)));
            blocks[layer].projectBackward(
                    sources(layer),
                    layer == 0 ? inputs() : stream(layer),
                    dQkv,
                    layer == 0 ? dInputs : dStream,
                    buffers);
        }
        device.scatterAdd(rowInputs.get(), dStream, dInputs);
        return dInputs;
    }

    private boolean isLast(int layer) {
        return layer == blocks.length - 1;
    }

    /** Output rows of a layer: all elements, or the tips in the last layer. */
    private int rows(int layer) {
        return isLast(layer) ? tree.tips() : tree.elements();
    }

    /** Rows of a layer's norm and projections: all elements, or the inputs in the first layer. */
    private int sources(int layer) {
        return layer == 0 ? tree.inputCount() : tree.elements();
    }

    private Tensor stream(int layer) {
        return buffers.stream(layer).rows(tree.elements());
    }

    private void uploadLists(int layer) {
        int rows = rows(layer);
        int first = tree.elements() - rows;
        int slots = tree.keySlots();
        asking[layer].queries.upload(layer == 0 ? tree.inputs() : identity(tree.elements()), first, rows);
        asking[layer].keys.upload(layer == 0 ? tree.inputKeys() : tree.keys(), first * slots, rows * slots);
    }

    private int[] identity(int count) {
        if (identity.length < count) {
            identity = IntStream.range(0, count + count / 4).toArray();
        }
        return identity;
    }

    private Tensor lastRows(Tensor elements, int rows) {
        int first = Math.toIntExact(elements.rows()) - rows;
        return first == 0 ? elements : elements.view((long) first * width, rows, width);
    }

    private Heads part(Tensor qkv, int index) {
        return Heads.columns(qkv, index * width, headWidth);
    }

    private float scale() {
        return config.scaleAttention() ? (float) (1 / Math.sqrt(headWidth)) : 1f;
    }

    private float dropout() {
        return training ? (float) config.attentionDropout() : 0;
    }
}
