package org.seqpe.model;

import org.seqpe.model.params.Parameters;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.model.RandomKeys.Site;
import org.seqpe.model.params.Parameters.Weight;

/**
 * The GPT-2 shaped main model from token ids to the hidden states before the output layer, forward and backward
 * (method.md section 5; Hugging Face's GPT2Model computes the same).
 */
final class Gpt {
    private final Device device;
    private final Weight embedding;
    private final Weight lastNorm;
    private final Weight lastNormBias;
    private final float epsilon;
    private final float dropout;
    private final int width;
    private final int layers;
    private final PositionEncoding positions;
    private final SelfAttention attention;
    private final TransformerStack stack;
    private final RandomKeys keys;
    private final IntBuffer tokenIds;
    private final RowBuffer hidden;
    private final RowBuffer dHidden;
    private final RowBuffer mean;
    private final RowBuffer rstd;
    private Tensor lastStream;
    private int rows;

    /** @param training whether activations are kept, branches dropped and {@link #backward} asked for */
    Gpt(ModelSpec spec, Parameters parameters, Device device, RandomKeys keys, boolean training) {
        this.device = device;
        this.keys = keys;
        embedding = parameters.weight("transformer.wte.weight");
        lastNorm = parameters.weight("transformer.ln_f.weight");
        lastNormBias = parameters.weight("transformer.ln_f.bias");
        epsilon = (float) spec.config().layerNormEpsilon();
        dropout = training ? (float) spec.config().dropout() : 0;
        width = spec.config().width();
        layers = spec.config().layers();
        positions = positionEncoding(spec, parameters, device, training);
        attention = new SelfAttention(spec, device, positions, keys, true, training);
        TransformerBlock[] blocks = new TransformerBlock[layers];
        for (int i = 0; i < layers; i++) {
            blocks[i] = new TransformerBlock(device, parameters, new TransformerBlock.Names("transformer.h." + i, ".ln_1", ".ln_2"), i, epsilon,
                    dropout, Site.ATTENTION_OUTPUT, Site.MLP_OUTPUT);
        }
        stack = new TransformerStack(device, blocks, width, spec.config().innerWidth(), training);
        tokenIds = new IntBuffer(device);
        hidden = new RowBuffer(device, width);
        dHidden = new RowBuffer(device, width);
        mean = new RowBuffer(device, 1);
        rstd = new RowBuffer(device, 1);
    }

    private static PositionEncoding positionEncoding(ModelSpec spec, Parameters parameters, Device device, boolean training) {
        return switch (spec.position().encoding()) {
            case SEQPE -> new SeqPePositions(spec, parameters, device, training);
            case ROPE -> new TablePositions.Rotary(spec, device);
            case ALIBI -> new TablePositions.Alibi(spec);
            case SINUSOIDAL -> new TablePositions.Sinusoidal(spec, device);
            case LEARNED -> new TablePositions.Learned(spec, parameters, device);
            case NONE -> new TablePositions.None(spec);
        };
    }

    /**
     * @param tokens [B * T]
     * @param pass   the positions of the tokens
     * @return the hidden states after the last layer norm, [B * T, C]
     */
    Tensor forward(int[] tokens, int batch, int length, PositionEncoding.Pass pass) {
        rows = batch * length;
        attention.begin(batch, length);
        positions.begin(pass);
        Tensor input = stack.input(rows);
        device.gather(tokenIds.upload(tokens, rows), embedding.value(), input, false);
        Tensor positionRows = positions.inputRows();
        if (positionRows != null) {
            device.addRows(input, positionRows, input);
        }
        if (dropout > 0) {
            device.dropout(input, dropout, keys.key(Site.EMBEDDING, 0), input);
        }
        lastStream = stack.forward(rows, attention, keys);
        Tensor out = hidden.rows(rows);
        device.layerNorm(lastStream, lastNorm.value(), lastNormBias.value(), epsilon, out, mean.rows(rows), rstd.rows(rows));
        return out;
    }

    /** The input of block {@code layer} of the last forward pass while training; for the number of layers, its result. [B * T, C] */
    Tensor hidden(int layer) {
        return layer == layers ? hidden.rows(rows) : stack.stream(layer, rows);
    }

    /** Where the caller writes the gradient of the hidden states before {@link #backward}. */
    Tensor gradient() {
        return dHidden.rows(rows);
    }

    /** Adds the gradients of all parameters of the main model, and of the position vectors where the pass has them. */
    void backward() {
        Tensor stream = stack.gradient(rows);
        device.layerNormBackward(dHidden.rows(rows), lastStream, lastNorm.value(), mean.rows(rows), rstd.rows(rows), stream, false,
                lastNorm.gradient(), lastNormBias.gradient());
        stack.backward(rows, attention, keys);
        positions.endBackward();
        if (dropout > 0) {
            device.dropout(stream, dropout, keys.key(Site.EMBEDDING, 0), stream);
        }
        positions.inputBackward(stream);
        device.scatterAdd(tokenIds.get(), stream, embedding.gradient());
    }
}
