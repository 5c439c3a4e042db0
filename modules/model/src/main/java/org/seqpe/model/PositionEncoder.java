package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.compute.Heads;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Direction;
import org.seqpe.model.Parameters.Weight;
import org.seqpe.model.RandomKeys.Site;
import org.seqpe.model.position.PositionDigits;
import org.seqpe.model.position.PrefixTree;

/**
 * The sequential position encoder (method.md section 2; the reference's SequentialPE): a small Transformer reads a position's digits and
 * gives its vector. Its rows are the elements of a {@link PrefixTree}, so positions that begin with the same digits share the work.
 */
final class PositionEncoder {
    /** GPT-2's and the reference's. */
    private static final float EPSILON = 1e-5f;

    private final Device device;
    private final SeqPeConfig config;
    private final RandomKeys keys;
    private final int heads;
    private final int headWidth;
    private final boolean training;
    private final PrefixTree tree;
    private final TransformerStack stack;
    private final DigitAttention attention = new DigitAttention();

    private final Weight digitEmbedding;
    private final Weight slotEmbedding;
    private final Weight dimensionEmbedding;
    private final Weight cls;
    private final Weight lastNorm;
    private final Weight lastNormBias;
    private final Weight output;
    private final Weight outputBias;

    private final IntBuffer digitIds;
    private final IntBuffer slotIds;
    private final IntBuffer dimensionIds;
    private final IntBuffer clsIds;
    private final IntBuffer keyIds;
    private final IntBuffer outputIds;
    private final RowBuffer read;
    private final RowBuffer normed;
    private final RowBuffer mean;
    private final RowBuffer rstd;
    private final RowBuffer vectors;
    private final RowBuffer dVectors;
    private final RowBuffer dRead;
    private final RowBuffer[] attentionWeights;
    private int[] zeros = new int[0];
    private int count;

    /** @param training whether {@link #backward} will be asked for, and branches are dropped */
    PositionEncoder(ModelSpec spec, Parameters parameters, Device device, RandomKeys keys, boolean training) {
        this.device = device;
        this.config = spec.seqpe();
        this.keys = keys;
        this.training = training;
        int width = spec.encoderWidth();
        this.heads = spec.config().heads();
        this.headWidth = width / heads;
        PositionDigits digits = PositionDigits.below(spec.position().maxPosition(), config.dimensions(), spec.digits());
        this.tree = new PrefixTree(digits, config.direction() == Direction.CAUSAL, config.maskPadding(), config.clsToken(), config.sharePrefixes());

        String prefix = ParameterLayout.POSITION_PREFIX;
        digitEmbedding = parameters.weight(prefix + "token_of_seqpe_embed.weight");
        slotEmbedding = parameters.weight(prefix + "pos_of_seqpe_embed.weight");
        dimensionEmbedding = config.dimensions() > 1 ? parameters.weight(prefix + "dim_token_embed") : null;
        cls = config.clsToken() ? parameters.weight(prefix + "cls_token_embed") : null;
        lastNorm = config.lastLayerNorm() ? parameters.weight(prefix + "layernorm.weight") : null;
        lastNormBias = config.lastLayerNorm() ? parameters.weight(prefix + "layernorm.bias") : null;
        output = config.outputProjection() ? parameters.weight(prefix + "out_proj.weight") : null;
        outputBias = config.outputProjection() ? parameters.weight(prefix + "out_proj.bias") : null;

        TransformerBlock[] blocks = new TransformerBlock[config.layers()];
        attentionWeights = new RowBuffer[config.layers()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new TransformerBlock(device, parameters, new TransformerBlock.Names(prefix + "transformers." + i, ".layernorm_1", ".layernorm_2"),
                    i, EPSILON, (float) config.residualDropout(), Site.ENCODER_ATTENTION_OUTPUT, Site.ENCODER_MLP_OUTPUT);
            attentionWeights[i] = new RowBuffer(device, heads * tree.keySlots());
        }
        stack = new TransformerStack(device, blocks, width, 4 * width, training);

        digitIds = new IntBuffer(device);
        slotIds = new IntBuffer(device);
        dimensionIds = new IntBuffer(device);
        clsIds = new IntBuffer(device);
        keyIds = new IntBuffer(device);
        outputIds = new IntBuffer(device);
        read = new RowBuffer(device, width);
        normed = new RowBuffer(device, width);
        mean = new RowBuffer(device, 1);
        rstd = new RowBuffer(device, 1);
        vectors = new RowBuffer(device, spec.positionWidth());
        dVectors = new RowBuffer(device, spec.positionWidth());
        dRead = new RowBuffer(device, width);
    }

    /**
     * Encodes positions; equal ones may occur.
     *
     * @param positions [count * n], coordinates of a position together
     * @return [count, position width]
     * @throws IllegalArgumentException if a coordinate cannot be written with the encoder's digits
     */
    Tensor forward(int[] positions, int count) {
        this.count = count;
        tree.build(positions, 0, count);
        int elements = tree.elements();
        int digitElements = tree.digitElements();
        int clsElements = tree.clsElements();

        Tensor input = stack.input(elements);
        Tensor digitRows = input.firstRows(digitElements);
        device.gather(digitIds.upload(tree.digit(), digitElements), digitEmbedding.value(), digitRows, false);
        device.gather(slotIds.upload(tree.slot(), digitElements), slotEmbedding.value(), digitRows, true);
        if (dimensionEmbedding != null) {
            device.gather(dimensionIds.upload(tree.dimension(), digitElements), asRows(dimensionEmbedding.value()), digitRows, true);
        }
        if (clsElements > 0) {
            device.gather(clsIds.upload(zeros(clsElements), clsElements), asRows(cls.value()), clsRows(input, digitElements, clsElements), false);
        }
        keyIds.upload(tree.keys(), elements * tree.keySlots());
        Tensor encoded = stack.forward(elements, attention, keys);

        Tensor result = read.rows(count);
        device.gather(outputIds.upload(tree.outputs(), count), encoded, result, false);
        if (lastNorm != null) {
            device.layerNorm(result, lastNorm.value(), lastNormBias.value(), EPSILON, normed.rows(count), mean.rows(count), rstd.rows(count));
            result = normed.rows(count);
        }
        Tensor out = vectors.rows(count);
        if (output != null) {
            device.linear(result, output.value(), true, outputBias.value(), out);
        } else {
            device.copy(result, out);
        }
        if (config.temperature() != 1) {
            device.scale(out, (float) (1 / config.temperature()));
        }
        return out;
    }

    /** The gradient of the vectors of the last {@link #forward}, [count, position width], zeroed: the losses add to it. */
    Tensor zeroGradient() {
        Tensor gradient = dVectors.rows(count);
        device.fill(gradient, 0);
        return gradient;
    }

    /** Goes backward from what was added to {@link #zeroGradient}. */
    void backward() {
        if (!training) {
            throw new IllegalStateException("Cannot go backward: this encoder only evaluates");
        }
        int elements = tree.elements();
        int digitElements = tree.digitElements();
        int clsElements = tree.clsElements();
        Tensor dOut = dVectors.rows(count);
        if (config.temperature() != 1) {
            device.scale(dOut, (float) (1 / config.temperature()));
        }
        Tensor dResult = dRead.rows(count);
        Tensor result = lastNorm == null ? read.rows(count) : normed.rows(count);
        if (output != null) {
            device.linearBackward(dOut, result, output.value(), true, dResult, false, output.gradient(), outputBias.gradient());
        } else {
            device.copy(dOut, dResult);
        }
        if (lastNorm != null) {
            device.layerNormBackward(dResult, read.rows(count), lastNorm.value(), mean.rows(count), rstd.rows(count), dResult, false,
                    lastNorm.gradient(), lastNormBias.gradient());
        }
        Tensor dStream = stack.gradient(elements);
        device.fill(dStream, 0);
        device.scatterAdd(outputIds.get(), dResult, dStream);
        stack.backward(elements, attention, keys);

        Tensor digitRows = dStream.firstRows(digitElements);
        device.scatterAdd(digitIds.get(), digitRows, digitEmbedding.gradient());
        device.scatterAdd(slotIds.get(), digitRows, slotEmbedding.gradient());
        if (dimensionEmbedding != null) {
            device.scatterAdd(dimensionIds.get(), digitRows, asRows(dimensionEmbedding.gradient()));
        }
        if (clsElements > 0) {
            device.sumRows(clsRows(dStream, digitElements, clsElements), asRows(cls.gradient()));
        }
    }

    private int[] zeros(int length) {
        if (zeros.length < length) {
            zeros = new int[length];
        }
        return zeros;
    }

    private static Tensor clsRows(Tensor elements, int digitElements, int clsElements) {
        return elements.view(digitElements * elements.columns(), clsElements, elements.columns());
    }

    /** The reference stores these embeddings as [n, 1, width]. */
    private static Tensor asRows(Tensor embedding) {
        return embedding.reshape(embedding.rows(), embedding.columns());
    }

    /** Attention of an element to the digits before it. */
    private final class DigitAttention implements TransformerBlock.AttentionLayer {
        private float scale() {
            return config.scaleAttention() ? (float) (1 / Math.sqrt(headWidth)) : 1f;
        }

        @Override
        public void forward(int layer, Tensor qkv, Tensor out) {
            int rows = tree.elements();
            int width = heads * headWidth;
            device.listAttention(rows, heads, headWidth, scale(), keyIds.get(), tree.keySlots(), dropout(), keys.key(Site.ENCODER_ATTENTION, layer),
                    Heads.columns(qkv, 0, headWidth), Heads.columns(qkv, width, headWidth), Heads.columns(qkv, 2 * width, headWidth),
                    Heads.columns(out, 0, headWidth), training ? attentionWeights[layer].rows(rows) : null);
        }

        @Override
        public void backward(int layer, Tensor qkv, Tensor out, Tensor dOut, Tensor dQkv) {
            int rows = tree.elements();
            int width = heads * headWidth;
            device.listAttentionBackward(rows, heads, headWidth, scale(), keyIds.get(), tree.keySlots(), dropout(),
                    keys.key(Site.ENCODER_ATTENTION, layer), Heads.columns(qkv, 0, headWidth), Heads.columns(qkv, width, headWidth),
                    Heads.columns(qkv, 2 * width, headWidth), attentionWeights[layer].rows(rows), Heads.columns(dOut, 0, headWidth),
                    Heads.columns(dQkv, 0, headWidth), Heads.columns(dQkv, width, headWidth), Heads.columns(dQkv, 2 * width, headWidth));
        }

        private float dropout() {
            return training ? (float) config.attentionDropout() : 0;
        }
    }
}
