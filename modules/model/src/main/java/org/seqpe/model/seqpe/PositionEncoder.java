package org.seqpe.model.seqpe;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.seqpe.compute.Device;
import org.seqpe.compute.IntBuffer;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Direction;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.transformer.RandomKeys;
import org.seqpe.model.transformer.TransformerBlock;

/**
 * The sequential position encoder (method.md section 2; the reference's SequentialPE): a small Transformer that maps a
 * position's digits to its vector. It works on the elements of a {@link PrefixTree}, so positions that begin with the
 * same digits share the work, and equal positions share all of it.
 */
public final class PositionEncoder {
    private final Device device;
    private final SeqPeConfig config;
    private final boolean training;
    private final PrefixTree tree;
    private final DigitStack stack;

    private final Weight digitEmbedding;
    private final Weight slotEmbedding;
    private final Weight dimensionEmbedding;
    private final Weight cls;
    private final Weight lastNorm;
    private final Weight lastNormBias;
    private final Weight output;
    private final Weight outputBias;

    /** The digit that each input of the tree reads, in the tree's order; 0 for CLS. */
    private final IntBuffer digitIds;

    private final IntBuffer slotIds;
    private final IntBuffer dimensionIds;
    private final IntBuffer clsIds;
    private final IntBuffer outputIds;
    private final int digitInputs;
    private final RowBuffer normed;
    private final RowBuffer mean;
    private final RowBuffer rstd;
    private final RowBuffer distinct;
    private final RowBuffer dDistinct;
    private final RowBuffer encodedOperand;
    private final RowBuffer dOperand;
    private final RowBuffer vectors;
    private final RowBuffer dVectors;
    private Tensor encoded;
    private int count;

    /** @param training whether {@link #backward} will be called, and dropout applies to the branches */
    public PositionEncoder(ModelSpec spec, Parameters parameters, Device device, RandomKeys keys, boolean training) {
        this.device = device;
        this.config = spec.seqpe();
        this.training = training;
        PositionDigits digits = PositionDigits.below(spec.position().maxPosition(), config.dimensions(), spec.digits());
        this.tree = new PrefixTree(
                digits,
                config.direction() == Direction.CAUSAL,
                config.maskPadding(),
                config.clsToken(),
                config.sharePrefixes());
        this.stack = new DigitStack(spec, parameters, device, tree, keys, training);

        String prefix = ParameterLayout.POSITION_PREFIX;
        digitEmbedding = parameters.weight(prefix + "token_of_seqpe_embed.weight");
        slotEmbedding = parameters.weight(prefix + "pos_of_seqpe_embed.weight");
        dimensionEmbedding = config.dimensions() > 1 ? parameters.weight(prefix + "dim_token_embed") : null;
        cls = config.clsToken() ? parameters.weight(prefix + "cls_token_embed") : null;
        lastNorm = config.lastLayerNorm() ? parameters.weight(prefix + "layernorm.weight") : null;
        lastNormBias = config.lastLayerNorm() ? parameters.weight(prefix + "layernorm.bias") : null;
        output = config.outputProjection() ? parameters.weight(prefix + "out_proj.weight") : null;
        outputBias = config.outputProjection() ? parameters.weight(prefix + "out_proj.bias") : null;

        digitInputs = PositionDigits.BASE * digits.slots();
        digitIds = ids(digitInputs, i -> i % PositionDigits.BASE);
        slotIds = ids(digitInputs, i -> i / PositionDigits.BASE);
        dimensionIds = ids(digitInputs, i -> i / PositionDigits.BASE / digits.digits());
        clsIds = ids(1, i -> 0);
        outputIds = new IntBuffer(device);
        int width = spec.encoderWidth();
        normed = RowBuffer.ofActivations(device, width);
        mean = new RowBuffer(device, 1);
        rstd = new RowBuffer(device, 1);
        distinct = RowBuffer.ofActivations(device, spec.positionWidth());
        dDistinct = new RowBuffer(device, spec.positionWidth());
        encodedOperand = RowBuffer.ofActivations(device, width);
        dOperand = RowBuffer.ofActivations(device, spec.positionWidth());
        vectors = RowBuffer.ofActivations(device, spec.positionWidth());
        dVectors = new RowBuffer(device, spec.positionWidth());
    }

    /** Adds the encoder's arrays to a parameter layout, under the reference's names. */
    static void addParameters(ModelSpec spec, ParameterLayout.Builder layout) {
        String prefix = ParameterLayout.POSITION_PREFIX;
        SeqPeConfig seqpe = spec.seqpe();
        int width = spec.encoderWidth();
        int dimensions = seqpe.dimensions();
        double std = spec.config().initStd();
        double norm = seqpe.initNormWeight();
        if (dimensions > 1) {
            layout.add(
                    prefix + "dim_token_embed",
                    Part.POSITION_ENCODER,
                    Decay.NEVER,
                    InitialValues.normal(std),
                    dimensions,
                    1,
                    width);
        }
        if (seqpe.clsToken()) {
            layout.add(
                    prefix + "cls_token_embed",
                    Part.POSITION_ENCODER,
                    Decay.NEVER,
                    InitialValues.normal(std),
                    1,
                    1,
                    width);
        }
        layout.add(
                prefix + "pos_of_seqpe_embed.weight",
                Part.POSITION_ENCODER,
                Decay.NEVER,
                InitialValues.normal(std),
                dimensions * spec.digits(),
                width);
        layout.add(
                prefix + "token_of_seqpe_embed.weight",
                Part.POSITION_ENCODER,
                Decay.NEVER,
                InitialValues.normal(std),
                PositionDigits.BASE,
                width);
        for (int i = 0; i < seqpe.layers(); i++) {
            TransformerBlock.addParameters(
                    layout,
                    DigitStack.names(i),
                    Part.POSITION_ENCODER,
                    Decay.POSITION_BIAS,
                    width,
                    4 * width,
                    std,
                    std,
                    norm);
        }
        if (seqpe.lastLayerNorm()) {
            layout.addNorm(prefix + "layernorm", Part.POSITION_ENCODER, width, norm);
        }
        if (seqpe.outputProjection()) {
            layout.add(
                    prefix + "out_proj.weight",
                    Part.POSITION_ENCODER,
                    Decay.ALWAYS,
                    InitialValues.normal(std),
                    spec.positionWidth(),
                    width);
            layout.add(
                    prefix + "out_proj.bias",
                    Part.POSITION_ENCODER,
                    Decay.POSITION_BIAS,
                    InitialValues.constant(0),
                    spec.positionWidth());
        }
    }

    private IntBuffer ids(int length, IntUnaryOperator id) {
        IntBuffer ids = new IntBuffer(device);
        ids.upload(IntStream.range(0, length).map(id).toArray(), length);
        return ids;
    }

    /**
     * Encodes positions; duplicates are allowed.
     *
     * @param positions [count * n], the coordinates of a position are adjacent
     * @return [count, position width]
     * @throws IllegalArgumentException if a coordinate cannot be written with the encoder's digits
     */
    public Tensor forward(int[] positions, int count) {
        this.count = count;
        tree.build(positions, 0, count);
        int tips = tree.tips();

        Tensor inputs = stack.inputs();
        Tensor digits = inputs.firstRows(digitInputs);
        device.gather(digitIds.get(), digitEmbedding.value(), digits, false);
        device.gather(slotIds.get(), slotEmbedding.value(), digits, true);
        if (dimensionEmbedding != null) {
            device.gather(dimensionIds.get(), asRows(dimensionEmbedding.value()), digits, true);
        }
        if (cls != null) {
            device.gather(clsIds.get(), asRows(cls.value()), clsRow(inputs), false);
        }
        encoded = stack.forward();
        Tensor result = encoded;
        if (lastNorm != null) {
            device.layerNorm(
                    result,
                    lastNorm.value(),
                    lastNormBias.value(),
                    DigitStack.EPSILON,
                    normed.rows(tips),
                    mean.rows(tips),
                    rstd.rows(tips));
            result = normed.rows(tips);
        }
        if (output != null) {
            device.linear(
                    encodedOperand.inPrecision(result),
                    output.operand(),
                    true,
                    outputBias.addend(),
                    distinct.rows(tips));
            result = distinct.rows(tips);
        }
        Tensor out = vectors.rows(count);
        device.gather(outputIds.upload(tree.outputs(), count), result, out, false);
        if (config.temperature() != 1) {
            device.scale(out, (float) (1 / config.temperature()));
        }
        return out;
    }

    /**
     * Zeroes and returns the gradient of the last {@link #forward}'s vectors, [count, position width]; the losses add
     * to it.
     */
    public Tensor zeroGradient() {
        Tensor gradient = dVectors.rows(count);
        device.fill(gradient, 0);
        return gradient;
    }

    /** Runs backward from the gradient that was added to {@link #zeroGradient}. */
    public void backward() {
        if (!training) {
            throw new IllegalStateException("Cannot go backward: this encoder only evaluates");
        }
        int tips = tree.tips();
        Tensor dOut = dVectors.rows(count);
        if (config.temperature() != 1) {
            device.scale(dOut, (float) (1 / config.temperature()));
        }
        Tensor dEncoded = stack.gradient();
        Tensor dResult = output == null ? dEncoded : dDistinct.rows(tips);
        device.fill(dResult, 0);
        device.scatterAdd(outputIds.get(), dOut, dResult);
        if (output != null) {
            device.linearBackward(
                    dOperand.inPrecision(dResult),
                    lastNorm == null ? encodedOperand.inPrecision(encoded) : normed.rows(tips),
                    output.operand(),
                    true,
                    dEncoded,
                    false,
                    output.gradient(),
                    outputBias.gradient());
        }
        if (lastNorm != null) {
            device.layerNormBackward(
                    dEncoded,
                    encoded,
                    lastNorm.value(),
                    mean.rows(tips),
                    rstd.rows(tips),
                    dEncoded,
                    false,
                    lastNorm.gradient(),
                    lastNormBias.gradient());
        }
        Tensor dInputs = stack.backward();

        Tensor dDigits = dInputs.firstRows(digitInputs);
        device.scatterAdd(digitIds.get(), dDigits, digitEmbedding.gradient());
        device.scatterAdd(slotIds.get(), dDigits, slotEmbedding.gradient());
        if (dimensionEmbedding != null) {
            device.scatterAdd(dimensionIds.get(), dDigits, asRows(dimensionEmbedding.gradient()));
        }
        if (cls != null) {
            device.scatterAdd(clsIds.get(), clsRow(dInputs), asRows(cls.gradient()));
        }
    }

    private Tensor clsRow(Tensor inputs) {
        return inputs.view(digitInputs * inputs.columns(), 1, inputs.columns());
    }

    /** The reference stores these embeddings as [n, 1, width]. */
    private static Tensor asRows(Tensor embedding) {
        return embedding.reshape(embedding.rows(), embedding.columns());
    }
}
