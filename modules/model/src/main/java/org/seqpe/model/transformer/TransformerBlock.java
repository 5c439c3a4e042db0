package org.seqpe.model.transformer;

import org.seqpe.compute.Device;
import org.seqpe.compute.Gelu;
import org.seqpe.compute.Tensor;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.params.Parameters.Weight;
import org.seqpe.model.transformer.RandomKeys.Site;
import org.seqpe.model.transformer.StochasticDepth.Branch;

/**
 * One pre-norm block, used in the main model and in the position encoder: x += drop(attention(norm(x))); x +=
 * drop(mlp(norm(x))). An {@link AttentionLayer} computes the attention.
 */
public final class TransformerBlock {
    /**
     * Adds a block's arrays to a parameter layout.
     *
     * @param bias how biases take part in weight decay
     * @param std standard deviation of the weights at the start
     * @param residualStd the same for the weights whose results are added to the residual stream
     * @param normWeight starting value of the layer-norm weights
     */
    public static void addParameters(
            ParameterLayout.Builder layout,
            Names names,
            Part part,
            Decay bias,
            int width,
            int innerWidth,
            double std,
            double residualStd,
            double normWeight) {
        layout.addNorm(names.prefix + names.norm1, part, width, normWeight);
        layout.add(
                names.prefix + ".attn.c_attn.weight", part, Decay.ALWAYS, InitialValues.normal(std), width, 3 * width);
        layout.add(names.prefix + ".attn.c_attn.bias", part, bias, InitialValues.constant(0), 3 * width);
        layout.add(
                names.prefix + ".attn.c_proj.weight",
                part,
                Decay.ALWAYS,
                InitialValues.normal(residualStd),
                width,
                width);
        layout.add(names.prefix + ".attn.c_proj.bias", part, bias, InitialValues.constant(0), width);
        layout.addNorm(names.prefix + names.norm2, part, width, normWeight);
        layout.add(names.prefix + ".mlp.c_fc.weight", part, Decay.ALWAYS, InitialValues.normal(std), width, innerWidth);
        layout.add(names.prefix + ".mlp.c_fc.bias", part, bias, InitialValues.constant(0), innerWidth);
        layout.add(
                names.prefix + ".mlp.c_proj.weight",
                part,
                Decay.ALWAYS,
                InitialValues.normal(residualStd),
                innerWidth,
                width);
        layout.add(names.prefix + ".mlp.c_proj.bias", part, bias, InitialValues.constant(0), width);
    }

    /** The part of a block that differs between the main model and the position encoder. */
    public interface AttentionLayer {
        /**
         * @param qkv [N, 3C], the projections side by side; may be changed in place if {@link #backward} takes that
         *     into account
         * @param out [N, C]
         */
        void forward(int layer, Tensor qkv, Tensor out);

        /** Given the arrays of the forward pass and dOut [N, C], writes dQkv [N, 3C]. */
        void backward(int layer, Tensor qkv, Tensor out, Tensor dOut, Tensor dQkv);
    }

    private final Device device;
    private final int layer;
    private final float epsilon;
    private final float dropout;
    private final Gelu activation;
    private final Site attentionSite;
    private final Site mlpSite;
    private final StochasticDepth depth;
    private final Weight norm1;
    private final Weight norm1Bias;
    private final Weight qkvWeight;
    private final Weight qkvBias;
    private final Weight outWeight;
    private final Weight outBias;
    private final Weight norm2;
    private final Weight norm2Bias;
    private final Weight fcWeight;
    private final Weight fcBias;
    private final Weight projWeight;
    private final Weight projBias;

    /**
     * @param names how the block's parameters are called
     * @param depth which samples leave out the branches while training
     */
    public TransformerBlock(
            Device device, Parameters parameters, Names names, int layer, Form form, StochasticDepth depth) {
        this.device = device;
        this.layer = layer;
        this.depth = depth;
        epsilon = form.epsilon;
        dropout = form.dropout;
        activation = form.activation;
        attentionSite = form.attentionSite;
        mlpSite = form.mlpSite;
        norm1 = parameters.weight(names.prefix + names.norm1 + ".weight");
        norm1Bias = parameters.weight(names.prefix + names.norm1 + ".bias");
        qkvWeight = parameters.weight(names.prefix + ".attn.c_attn.weight");
        qkvBias = parameters.weight(names.prefix + ".attn.c_attn.bias");
        outWeight = parameters.weight(names.prefix + ".attn.c_proj.weight");
        outBias = parameters.weight(names.prefix + ".attn.c_proj.bias");
        norm2 = parameters.weight(names.prefix + names.norm2 + ".weight");
        norm2Bias = parameters.weight(names.prefix + names.norm2 + ".bias");
        fcWeight = parameters.weight(names.prefix + ".mlp.c_fc.weight");
        fcBias = parameters.weight(names.prefix + ".mlp.c_fc.bias");
        projWeight = parameters.weight(names.prefix + ".mlp.c_proj.weight");
        projBias = parameters.weight(names.prefix + ".mlp.c_proj.bias");
    }

    /**
     * @param prefix of every name
     * @param norm1 name of the first layer norm
     * @param norm2 name of the second
     */
    public record Names(String prefix, String norm1, String norm2) {}

    /**
     * What blocks of a kind have in common.
     *
     * @param epsilon of the layer norms
     * @param dropout dropout rate on the two residual branches while training
     * @param activation of the MLP
     * @param attentionSite the place of attention's dropout masks
     * @param mlpSite the place of the MLP's
     */
    public record Form(float epsilon, float dropout, Gelu activation, Site attentionSite, Site mlpSite) {}

    /**
     * The block on all rows while training: {@link #project}, attention, {@link #finish}.
     *
     * @param rows N
     * @param input the residual stream [N, C], kept
     * @param output the residual stream after the block [N, C], another array than the input
     */
    void forward(
            int rows, Tensor input, Tensor output, BlockBuffers buffers, AttentionLayer attention, RandomKeys keys) {
        Tensor qkv = buffers.kept(layer).qkv.rows(rows);
        Tensor attended = buffers.kept(layer).attended.rows(rows);
        project(rows, input, qkv, buffers);
        attention.forward(layer, qkv, attended);
        finish(rows, input, attended, output, buffers, keys, true);
    }

    /**
     * The part before attention, row by row.
     *
     * @param input [N, C], kept
     * @param qkv [N, 3C], written
     */
    public void project(int rows, Tensor input, Tensor qkv, BlockBuffers buffers) {
        BlockBuffers.Kept kept = buffers.kept(layer);
        Tensor normed = kept.normed1.rows(rows);
        device.layerNorm(
                input, norm1.value(), norm1Bias.value(), epsilon, normed, kept.mean1.rows(rows), kept.rstd1.rows(rows));
        device.linear(normed, qkvWeight.operand(), false, qkvBias.addend(), qkv);
    }

    /**
     * The part after attention, row by row.
     *
     * @param input the residual stream before the block [N, C], kept
     * @param attended [N, C], kept
     * @param output the residual stream after the block [N, C]
     */
    public void finish(
            int rows,
            Tensor input,
            Tensor attended,
            Tensor output,
            BlockBuffers buffers,
            RandomKeys keys,
            boolean training) {
        BlockBuffers.Kept kept = buffers.kept(layer);
        Tensor middle = kept.middle.rows(rows);
        Tensor normed = kept.normed2.rows(rows);
        Tensor inner = kept.inner.rows(rows);
        Tensor branch = buffers.branch.rows(rows);

        device.linear(attended, outWeight.operand(), false, outBias.addend(), branch);
        if (training) {
            depth.apply(layer, Branch.ATTENTION, branch, branch);
        }
        device.addLayerNorm(
                input,
                branch,
                training ? dropout : 0,
                keys.key(attentionSite, layer),
                norm2.value(),
                norm2Bias.value(),
                epsilon,
                middle,
                normed,
                kept.mean2.rows(rows),
                kept.rstd2.rows(rows));
        device.linearGelu(
                activation,
                normed,
                fcWeight.operand(),
                false,
                fcBias.value(),
                training ? kept.preInner.rows(rows) : null,
                inner);
        device.linear(inner, projWeight.operand(), false, projBias.addend(), branch);
        if (training) {
            depth.apply(layer, Branch.MLP, branch, branch);
        }
        if (training && dropout > 0) {
            device.dropout(branch, dropout, keys.key(mlpSite, layer), branch);
        }
        device.add(middle, branch, output);
    }

    /**
     * @param input what the forward pass was given
     * @param stream the gradient of the block's output [N, C]; becomes that of its input
     */
    void backward(
            int rows, Tensor input, Tensor stream, BlockBuffers buffers, AttentionLayer attention, RandomKeys keys) {
        Tensor qkv = buffers.kept(layer).qkv.rows(rows);
        Tensor attended = buffers.kept(layer).attended.rows(rows);
        Tensor dAttended = buffers.dAttended.rows(rows);
        Tensor dQkv = buffers.dQkv.rows(rows);
        finishBackward(rows, attended, stream, dAttended, buffers, keys);
        attention.backward(layer, qkv, attended, dAttended, dQkv);
        projectBackward(rows, input, dQkv, stream, buffers);
    }

    /**
     * The backward pass of {@link #finish}.
     *
     * @param attended what the forward pass was given
     * @param stream the gradient of the block's output [N, C]; becomes that of its input, without the path through
     *     attention
     * @param dAttended [N, C], written
     */
    public void finishBackward(
            int rows, Tensor attended, Tensor stream, Tensor dAttended, BlockBuffers buffers, RandomKeys keys) {
        BlockBuffers.Kept kept = buffers.kept(layer);
        Tensor branch = buffers.branch.rows(rows);
        Tensor dInner = buffers.dInner.rows(rows);

        Tensor dBranch = device.branchGradient(stream, dropout, keys.key(mlpSite, layer), branch);
        dBranch = depth.apply(layer, Branch.MLP, dBranch, branch);
        device.linearBackward(
                dBranch,
                kept.inner.rows(rows),
                projWeight.operand(),
                false,
                dInner,
                false,
                projWeight.gradient(),
                projBias.gradient());
        device.geluBackward(activation, kept.preInner.rows(rows), dInner, dInner);
        device.linearBackward(
                dInner,
                kept.normed2.rows(rows),
                fcWeight.operand(),
                false,
                branch,
                false,
                fcWeight.gradient(),
                fcBias.gradient());
        dBranch = device.addLayerNormBackward(
                branch,
                kept.middle.rows(rows),
                norm2.value(),
                kept.mean2.rows(rows),
                kept.rstd2.rows(rows),
                stream,
                dropout,
                keys.key(attentionSite, layer),
                branch,
                norm2.gradient(),
                norm2Bias.gradient());
        dBranch = depth.apply(layer, Branch.ATTENTION, dBranch, branch);
        device.linearBackward(
                dBranch,
                attended,
                outWeight.operand(),
                false,
                dAttended,
                false,
                outWeight.gradient(),
                outBias.gradient());
    }

    /**
     * The backward pass of {@link #project}.
     *
     * @param input what the forward pass was given
     * @param dQkv [N, 3C]
     * @param stream [N, C], receives the gradient of the input by addition
     */
    public void projectBackward(int rows, Tensor input, Tensor dQkv, Tensor stream, BlockBuffers buffers) {
        BlockBuffers.Kept kept = buffers.kept(layer);
        Tensor branch = buffers.branch.rows(rows);
        device.linearBackward(
                dQkv,
                kept.normed1.rows(rows),
                qkvWeight.operand(),
                false,
                branch,
                false,
                qkvWeight.gradient(),
                qkvBias.gradient());
        device.layerNormBackward(
                branch,
                input,
                norm1.value(),
                kept.mean1.rows(rows),
                kept.rstd1.rows(rows),
                stream,
                true,
                norm1.gradient(),
                norm1Bias.gradient());
    }
}
