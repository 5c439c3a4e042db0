package org.seqpe.model;

import org.seqpe.model.params.ParameterLayout;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.PositionConfig;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.SeqPeConfig;
import org.seqpe.core.config.SeqPeConfig.Apply;
import org.seqpe.core.config.SeqPeConfig.Projection;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;

/**
 * A model's shape with every default filled in, and the parameters that follow from it.
 *
 * @param config         the settings; the vocabulary is set
 * @param trainingLength T of training: rows of a learned position table, and the windows of the transfer loss
 */
public record ModelSpec(ModelConfig config, int trainingLength) {
    public ModelSpec {
        if (config.vocabulary() < 1) {
            throw new IllegalArgumentException("Cannot build a model: expected a vocabulary of at least 1, found " + config.vocabulary());
        }
        if (config.width() % config.heads() != 0) {
            throw new IllegalArgumentException("Cannot build a model: expected heads that divide the width " + config.width() + ", found " + config.heads());
        }
    }

    public PositionConfig position() {
        return config.position();
    }

    public SeqPeConfig seqpe() {
        return config.position().seqpe();
    }

    public boolean isSeqPe() {
        return position().encoding() == Encoding.SEQPE;
    }

    /** Width of the position encoder. */
    public int encoderWidth() {
        return seqpe().width() == 0 ? config.width() : seqpe().width();
    }

    /** G, digits a dimension. */
    public int digits() {
        return position().digits();
    }

    /** Elements of a position vector: the encoder's width where every head has its own part (or the input is added to), else one head's. */
    public int positionWidth() {
        if (seqpe().apply() == Apply.INPUT_ADD) {
            return config.width();
        }
        return seqpe().multiHead() ? encoderWidth() : config.headWidth();
    }

    /** Elements of a position vector that one head sees. */
    public int positionHeadWidth() {
        return seqpe().multiHead() ? positionWidth() / config.heads() : positionWidth();
    }

    /** Rows of the learned position table. */
    public int learnedRows() {
        return position().learnedRows() == 0 ? trainingLength : position().learnedRows();
    }

    /** Whether position vectors are mapped to query and key halves. */
    public boolean hasProjection() {
        return isSeqPe() && seqpe().apply() != Apply.INPUT_ADD && seqpe().projection() != Projection.NONE;
    }

    /** The flat parameter vector of such a model. */
    public ParameterLayout layout() {
        ParameterLayout.Builder layout = new ParameterLayout.Builder();
        int width = config.width();
        double std = config.initStd();
        layout.add("transformer.wte.weight", Part.MODEL, Decay.ALWAYS, 0, std, config.vocabulary(), width);
        if (position().encoding() == Encoding.LEARNED) {
            layout.add("transformer.wpe.weight", Part.MODEL, Decay.ALWAYS, 0, std, learnedRows(), width);
        }
        if (hasProjection() && seqpe().projection() == Projection.SINGLE) {
            addProjection(layout, "transformer.pe_qk");
        }
        // GPT-2 shrinks what is added to the residual stream by the number of additions.
        double residualStd = std / Math.sqrt(2.0 * config.layers());
        for (int i = 0; i < config.layers(); i++) {
            String block = "transformer.h." + i;
            if (hasProjection() && seqpe().projection() == Projection.MULTI) {
                addProjection(layout, block + ".attn.pe_qk");
            }
            addBlock(layout, block, ".ln_1", ".ln_2", Part.MODEL, Decay.NEVER, width, config.innerWidth(), std, residualStd, 1);
        }
        addNorm(layout, "transformer.ln_f", Part.MODEL, width, 1);
        if (isSeqPe()) {
            addEncoder(layout, std);
        }
        return layout.build();
    }

    private void addProjection(ParameterLayout.Builder layout, String name) {
        int width = positionWidth();
        layout.add(name + ".weight", Part.MODEL, Decay.ALWAYS, 0, config.initStd(), 2 * width, width);
        layout.add(name + ".bias", Part.MODEL, Decay.NEVER, 0, 0, 2 * width);
    }

    private void addEncoder(ParameterLayout.Builder layout, double std) {
        String prefix = ParameterLayout.POSITION_PREFIX;
        int width = encoderWidth();
        int dimensions = seqpe().dimensions();
        double norm = seqpe().initNormWeight();
        if (dimensions > 1) {
            layout.add(prefix + "dim_token_embed", Part.POSITION_ENCODER, Decay.NEVER, 0, std, dimensions, 1, width);
        }
        if (seqpe().clsToken()) {
            layout.add(prefix + "cls_token_embed", Part.POSITION_ENCODER, Decay.NEVER, 0, std, 1, 1, width);
        }
        layout.add(prefix + "pos_of_seqpe_embed.weight", Part.POSITION_ENCODER, Decay.NEVER, 0, std, dimensions * digits(), width);
        layout.add(prefix + "token_of_seqpe_embed.weight", Part.POSITION_ENCODER, Decay.NEVER, 0, std, 10, width);
        for (int i = 0; i < seqpe().layers(); i++) {
            addBlock(layout, prefix + "transformers." + i, ".layernorm_1", ".layernorm_2", Part.POSITION_ENCODER, Decay.POSITION_BIAS, width,
                    4 * width, std, std, norm);
        }
        if (seqpe().lastLayerNorm()) {
            addNorm(layout, prefix + "layernorm", Part.POSITION_ENCODER, width, norm);
        }
        if (seqpe().outputProjection()) {
            layout.add(prefix + "out_proj.weight", Part.POSITION_ENCODER, Decay.ALWAYS, 0, std, positionWidth(), width);
            layout.add(prefix + "out_proj.bias", Part.POSITION_ENCODER, Decay.POSITION_BIAS, 0, 0, positionWidth());
        }
    }

    private static void addBlock(ParameterLayout.Builder layout, String name, String norm1, String norm2, Part part, Decay bias, int width,
                                 int innerWidth, double std, double residualStd, double normWeight) {
        addNorm(layout, name + norm1, part, width, normWeight);
        layout.add(name + ".attn.c_attn.weight", part, Decay.ALWAYS, 0, std, width, 3 * width);
        layout.add(name + ".attn.c_attn.bias", part, bias, 0, 0, 3 * width);
        layout.add(name + ".attn.c_proj.weight", part, Decay.ALWAYS, 0, residualStd, width, width);
        layout.add(name + ".attn.c_proj.bias", part, bias, 0, 0, width);
        addNorm(layout, name + norm2, part, width, normWeight);
        layout.add(name + ".mlp.c_fc.weight", part, Decay.ALWAYS, 0, std, width, innerWidth);
        layout.add(name + ".mlp.c_fc.bias", part, bias, 0, 0, innerWidth);
        layout.add(name + ".mlp.c_proj.weight", part, Decay.ALWAYS, 0, residualStd, innerWidth, width);
        layout.add(name + ".mlp.c_proj.bias", part, bias, 0, 0, width);
    }

    private static void addNorm(ParameterLayout.Builder layout, String name, Part part, int width, double weight) {
        layout.add(name + ".weight", part, Decay.NEVER, weight, 0, width);
        layout.add(name + ".bias", part, Decay.NEVER, 0, 0, width);
    }
}
