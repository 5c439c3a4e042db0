package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.RowBuffer;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.transformer.RandomKeys.Site;

/**
 * The main Transformer between a task's layers, in the architecture of GPT-2 and of Vision Transformers, forward and
 * backward (method.md section 5; Hugging Face's GPT2Model computes the same). It consists of positions and dropout at
 * the input, the blocks, and the last layer norm.
 */
public final class Trunk {
    private static final String NORM = "transformer.ln_f";

    private final ModelSpec spec;
    private final Device device;
    private final Weight lastNorm;
    private final Weight lastNormBias;
    private final float epsilon;
    private final float dropout;
    private final int layers;
    private final PositionEncoding positions;
    private final SelfAttention attention;
    private final StochasticDepth depth;
    private final TransformerStack stack;
    private final RandomKeys keys;
    private final RowBuffer hidden;
    private final RowBuffer dHidden;
    private final RowBuffer mean;
    private final RowBuffer rstd;
    private Tensor lastStream;
    private int rows;
    /** Rows of the last pass that the head reads. */
    private int read;

    /** @param training whether activations are kept, dropout applies and {@link #backward} will be called */
    public Trunk(
            ModelSpec spec,
            PositionEncoding positions,
            Parameters parameters,
            Device device,
            RandomKeys keys,
            boolean training) {
        this.spec = spec;
        this.device = device;
        this.positions = positions;
        this.keys = keys;
        lastNorm = parameters.weight(NORM + ".weight");
        lastNormBias = parameters.weight(NORM + ".bias");
        epsilon = (float) spec.config().layerNormEpsilon();
        dropout = training ? (float) spec.config().dropout() : 0;
        layers = spec.config().layers();
        int width = spec.config().width();
        attention = new SelfAttention(spec, device, positions, keys, training);
        depth = new StochasticDepth(
                device, keys, layers, training ? spec.config().dropPath() : 0);
        TransformerBlock.Form form = new TransformerBlock.Form(
                epsilon, dropout, activation(spec.config().activation()), Site.ATTENTION_OUTPUT, Site.MLP_OUTPUT);
        TransformerBlock[] blocks = new TransformerBlock[layers];
        for (int i = 0; i < layers; i++) {
            blocks[i] = new TransformerBlock(device, parameters, names(i), i, form, depth);
        }
        stack = new TransformerStack(
                device, blocks, width, spec.config().innerWidth(), spec.task().readRows(), training);
        hidden = RowBuffer.ofOperands(device, width);
        dHidden = RowBuffer.ofActivations(device, width);
        mean = new RowBuffer(device, 1);
        rstd = new RowBuffer(device, 1);
    }

    /** Attention for beginnings of samples, whose keys and values the cache receives. */
    public PromptAttention promptAttention(KeyValueCache cache) {
        return new PromptAttention(attention, positions, cache);
    }

    /**
     * Attention for further rows of samples in the cache.
     *
     * @param all an encoding that keeps what every layer makes of positions; it begins with those of the cache
     */
    public NextAttention nextAttention(PositionEncoding all, KeyValueCache cache) {
        return new NextAttention(spec, device, positions, all, cache);
    }

    private static Gelu activation(ModelConfig.Activation activation) {
        return activation == ModelConfig.Activation.GELU_ERF ? Gelu.EXACT : Gelu.TANH;
    }

    /** Adds the arrays of one block. */
    public static void addBlockParameters(ModelConfig config, int layer, ParameterLayout.Builder layout) {
        // GPT-2 scales the weights that add to the residual stream down by the root of the number of additions.
        double residualStd =
                config.scaleResidualInit() ? config.initStd() / Math.sqrt(2.0 * config.layers()) : config.initStd();
        TransformerBlock.addParameters(
                layout,
                names(layer),
                Part.MODEL,
                Decay.NEVER,
                config.width(),
                config.innerWidth(),
                config.initStd(),
                residualStd,
                1);
    }

    /** Adds the arrays of the last layer norm. */
    public static void addLastNormParameters(ModelConfig config, ParameterLayout.Builder layout) {
        layout.addNorm(NORM, Part.MODEL, config.width(), 1);
    }

    private static TransformerBlock.Names names(int layer) {
        return new TransformerBlock.Names("transformer.h." + layer, ".ln_1", ".ln_2");
    }

    /** Whether only the distances between positions reach the model, so that moving a whole sample changes nothing. */
    public boolean readsDistances() {
        return positions.readsDistances();
    }

    /** The task's layers write their input here before {@link #forward}, [B * T, C]. */
    public Tensor input(int batch, int length) {
        rows = batch * length;
        attention.begin(batch, length);
        depth.begin(batch);
        stack.begin(batch, length);
        return stack.input(rows);
    }

    /**
     * Runs the trunk on {@link #input}.
     *
     * @param pass the positions of its rows
     * @return the hidden states after the last layer norm of the rows that the head reads, [B * rows, C]
     */
    public Tensor forward(PositionEncoding.Pass pass) {
        return forward(pass, attention);
    }

    /** The same with another attention, in evaluation. */
    public Tensor forward(PositionEncoding.Pass pass, TransformerBlock.AttentionLayer attended) {
        positions.begin(pass);
        Tensor input = stack.input(rows);
        Tensor positionRows = positions.inputRows();
        if (positionRows != null) {
            device.addRows(input, positionRows, input);
        }
        if (dropout > 0) {
            device.dropout(input, dropout, keys.key(Site.EMBEDDING, 0), input);
        }
        lastStream = stack.forward(rows, attended, keys);
        read = Math.toIntExact(lastStream.rows());
        Tensor out = hidden.rows(read);
        device.layerNorm(
                lastStream, lastNorm.value(), lastNormBias.value(), epsilon, out, mean.rows(read), rstd.rows(read));
        return out;
    }

    /**
     * The input of block {@code layer} in the last training pass, [B * T, C]; for the number of layers, the pass's
     * result, of the rows that the head reads.
     */
    public Tensor hidden(int layer) {
        return layer == layers ? hidden.rows(read) : stack.stream(layer, rows);
    }

    /** The caller writes the gradient of the hidden states here before {@link #backward}. */
    public Tensor gradient() {
        return dHidden.rows(read);
    }

    /**
     * Adds the gradients of the trunk's parameters, and of the position vectors where the pass has them.
     *
     * @return the gradient of {@link #input}, for the task's layers
     */
    public Tensor backward() {
        device.layerNormBackward(
                dHidden.rows(read),
                lastStream,
                lastNorm.value(),
                mean.rows(read),
                rstd.rows(read),
                stack.gradient(rows),
                false,
                lastNorm.gradient(),
                lastNormBias.gradient());
        Tensor stream = stack.backward(rows, attention, keys);
        positions.endBackward();
        if (dropout > 0) {
            device.dropout(stream, dropout, keys.key(Site.EMBEDDING, 0), stream);
        }
        positions.inputBackward(stream);
        return stream;
    }
}
