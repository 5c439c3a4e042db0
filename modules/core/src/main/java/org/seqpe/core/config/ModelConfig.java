package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.belowOne;
import static org.seqpe.core.config.Checks.positive;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import org.seqpe.core.config.PositionConfig.Encoding;

/**
 * A pre-norm Transformer, as GPT-2 and Vision Transformers are (method.md section 5).
 *
 * @param vocabulary V; 0 takes the tokenizer's
 * @param width C
 * @param layers L
 * @param heads H; divides the width
 * @param mlpWidth inner width of the MLP; 0 means 4 C
 * @param dropout dropout rate of embeddings, attention weights and residual branches
 * @param layerNormEpsilon added to the variance
 * @param initStd standard deviation of weights and embeddings at the start
 * @param scaleResidualInit whether weights whose results are added to the residual stream begin smaller by the root of
 *     the number of additions, as in GPT-2
 * @param activation of the MLP
 * @param dropPath rate of stochastic depth: the share of samples whose last residual branch is left out in a training
 *     step; earlier branches are left out less often, in proportion to their layer
 * @param position the position encoding
 */
public record ModelConfig(
        int vocabulary,
        int width,
        int layers,
        int heads,
        int mlpWidth,
        double dropout,
        double layerNormEpsilon,
        double initStd,
        boolean scaleResidualInit,
        Activation activation,
        double dropPath,
        PositionConfig position)
        implements Serializable {
    public ModelConfig {
        require(
                vocabulary == 0 || vocabulary >= 2,
                "expected 0 (the tokenizer's) or at least 2, found " + vocabulary,
                "vocabulary");
        atLeast("width", width, 1);
        atLeast("layers", layers, 1);
        atLeast("heads", heads, 1);
        atLeast("mlp-width", mlpWidth, 0);
        belowOne("dropout", dropout);
        positive("layer-norm-epsilon", layerNormEpsilon);
        positive("init-std", initStd);
        belowOne("drop-path", dropPath);
        require(
                width % heads == 0,
                "expected a number of heads that divides the width, found " + heads + " heads for width " + width
                        + "; set heads to a divisor or the width to a multiple",
                "heads",
                "width");
        if (position.encoding() == Encoding.ROPE) {
            require(
                    width / heads % 2 == 0,
                    "expected an even head width, because RoPE rotates pairs; found " + width / heads
                            + " (width / heads); change heads or width",
                    "heads",
                    "width");
        }
        if (position.encoding() == Encoding.SEQPE) {
            int encoderWidth = encoderWidth(position.seqpe(), width);
            require(
                    encoderWidth % heads == 0,
                    "expected an encoder width that the model's " + heads + " heads divide, found " + encoderWidth
                            + "; set it to a multiple of " + heads + ", or to 0 for the model's width",
                    "position.seqpe.width",
                    "heads");
        }
    }

    private static int encoderWidth(SeqPeConfig seqpe, int width) {
        return seqpe.width() == 0 ? width : seqpe.width();
    }

    /** The width of the position encoder with its default filled in. */
    public int encoderWidth() {
        return encoderWidth(position.seqpe(), width);
    }

    /** D = C / H. */
    public int headWidth() {
        return width / heads;
    }

    /** The MLP's inner width with its default filled in. */
    public int innerWidth() {
        return mlpWidth == 0 ? 4 * width : mlpWidth;
    }

    public ModelConfig withVocabulary(int newVocabulary) {
        return new ModelConfig(
                newVocabulary,
                width,
                layers,
                heads,
                mlpWidth,
                dropout,
                layerNormEpsilon,
                initStd,
                scaleResidualInit,
                activation,
                dropPath,
                position);
    }

    /** GELU in GPT-2's form with tanh, or exact, as Vision Transformers have it. */
    public enum Activation {
        GELU_TANH,
        GELU_ERF
    }
}
