package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.belowOne;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.positive;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;

/**
 * The sequential position encoder (method.md sections 1 to 3).
 *
 * @param apply where the position vectors enter
 * @param projection the linear map from a position vector to its query and key halves: one for the model, one per
 *     layer, or none
 * @param multiHead whether every head has its own part of the position vector; otherwise all heads share one of the
 *     head width
 * @param dimensions n: 1 for text, 2 for images
 * @param digits G, digits per dimension; 0 means as many as maxPosition needs
 * @param width width of the encoder; 0 means the model's
 * @param layers blocks of the encoder
 * @param direction causal, or both ways
 * @param lastLayerNorm a layer norm before the output projection
 * @param maskPadding whether padding zeros are hidden as keys
 * @param clsToken read the vector from a learned last element; otherwise from the last digit
 * @param scaleAttention scale the encoder's logits by 1/sqrt(head width)
 * @param outputProjection a linear map after the encoder
 * @param temperature the output is divided by this
 * @param scalarScale factor of the position term of attn-scalar
 * @param residualDropout dropout of the encoder's residual branches
 * @param attentionDropout dropout of its attention weights
 * @param initNormWeight starting value of its layer-norm weights
 * @param sharePrefixes compute the digits that positions have in common once (exact without dropout; with it, shared
 *     digits share their mask); has an effect only if the direction is causal and padding is not masked
 */
public record SeqPeConfig(
        Apply apply,
        Projection projection,
        boolean multiHead,
        int dimensions,
        int digits,
        int width,
        int layers,
        Direction direction,
        boolean lastLayerNorm,
        boolean maskPadding,
        boolean clsToken,
        boolean scaleAttention,
        boolean outputProjection,
        double temperature,
        double scalarScale,
        double residualDropout,
        double attentionDropout,
        double initNormWeight,
        boolean sharePrefixes)
        implements Serializable {
    public SeqPeConfig {
        require(
                dimensions == 1 || dimensions == 2,
                "expected 1 (text) or 2 (images), found " + dimensions,
                "dimensions");
        require(
                digits >= 0 && digits <= 9,
                "expected 0 (as many as max-position needs) to 9, found " + digits,
                "digits");
        atLeast("width", width, 0);
        atLeast("layers", layers, 1);
        positive("temperature", temperature);
        notNegative("scalar-scale", scalarScale);
        belowOne("residual-dropout", residualDropout);
        belowOne("attention-dropout", attentionDropout);
        notNegative("init-norm-weight", initNormWeight);
    }

    /**
     * The reason why the positions of a grid cannot be written as digits; empty if they can.
     *
     * @param maxPosition how many positions there are
     * @param extent extent of the grid, which begins at 0: (length), or (rows, columns)
     */
    public Optional<String> refusal(int maxPosition, int... extent) {
        int side = PositionConfig.side(maxPosition, dimensions);
        int longest = Arrays.stream(extent).max().orElseThrow();
        if (longest <= side) {
            return Optional.empty();
        }
        String what = extent.length == 1
                ? "length " + longest + " needs positions up to " + (longest - 1)
                : "a grid of " + extent[0] + " x " + extent[1] + " needs rows and columns up to " + (longest - 1);
        return Optional.of(what + ", but model.position.max-position is " + maxPosition
                + (extent.length == 1 ? "" : ", which gives rows and columns below " + side));
    }

    /** Where position vectors enter the Transformer. */
    public enum Apply {
        INPUT_ADD,
        ATTN_MUL,
        ATTN_ADD,
        ATTN_SCALAR
    }

    /** The map from a position vector to its query and key halves. */
    public enum Projection {
        SINGLE,
        MULTI,
        NONE
    }

    /** Which elements of the digit sequence each element attends to. */
    public enum Direction {
        CAUSAL,
        BI
    }
}
