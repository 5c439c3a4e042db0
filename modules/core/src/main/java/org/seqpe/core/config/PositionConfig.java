package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;

/**
 * Which position encoding the model has (method.md sections 3 and 6).
 *
 * @param encoding the kind
 * @param maxPosition SeqPE's positions are below this; the other encodings have no limit
 * @param base wavelength base of sinusoidal and rotary encodings
 * @param alibiScaling whether ALiBi's bias is added as published or scaled with the logits as the reference does
 * @param learnedRows rows of the learned table; 0 means the training length
 * @param mixedTable whether mixed RoPE's table of angles is laid out as published, or with the reference's mistake
 * @param seqpe the sequential encoder's own settings, read when the encoding is SEQPE
 */
public record PositionConfig(
        Encoding encoding,
        int maxPosition,
        double base,
        AlibiScaling alibiScaling,
        int learnedRows,
        MixedTable mixedTable,
        SeqPeConfig seqpe)
        implements Serializable {
    public PositionConfig {
        atLeast("max-position", maxPosition, 1);
        require(base > 1 && Double.isFinite(base), "expected a number above 1, found " + base, "base");
        atLeast("learned-rows", learnedRows, 0);
        if (encoding == Encoding.SEQPE) {
            int needed = digitsFor(maxPosition, seqpe.dimensions());
            require(
                    seqpe.digits() == 0 || seqpe.digits() >= needed,
                    "expected at least " + needed + " digits a dimension for max-position " + maxPosition + ", found "
                            + seqpe.digits() + "; raise digits (0 takes as many as needed) or lower max-position",
                    "seqpe.digits",
                    "max-position");
        }
    }

    /** G: the configured number of digits per dimension, or as many as maxPosition needs. */
    public int digits() {
        return seqpe.digits() > 0 ? seqpe.digits() : digitsFor(maxPosition, seqpe.dimensions());
    }

    /** G: how many digits the largest coordinate below {@link #side} has. */
    public static int digitsFor(int maxPosition, int dimensions) {
        return Integer.toString(side(maxPosition, dimensions) - 1).length();
    }

    /**
     * The bound of each coordinate: the largest whole number whose n-th power is at most maxPosition.
     *
     * @throws IllegalArgumentException unless maxPosition and dimensions are at least 1
     */
    public static int side(int maxPosition, int dimensions) {
        if (maxPosition < 1 || dimensions < 1) {
            throw new IllegalArgumentException(
                    "Cannot lay out positions: expected maxPosition and dimensions of at least 1, found " + maxPosition
                            + " and " + dimensions);
        }
        int side = (int) Math.round(Math.pow(maxPosition, 1.0 / dimensions));
        return Math.pow(side, dimensions) > maxPosition ? side - 1 : side;
    }

    /** The position encodings of method.md section 6. */
    public enum Encoding {
        SEQPE,
        ROPE,
        ROPE_MIXED,
        ALIBI,
        SINUSOIDAL,
        LEARNED,
        NONE;

        /** As configurations and tables write it, such as "rope-mixed". */
        public String id() {
            return Keys.of(this);
        }
    }

    /** PUBLISHED adds slope * j to the scaled logits; REFERENCE scales it by 1/sqrt(D) together with them. */
    public enum AlibiScaling {
        PUBLISHED,
        REFERENCE
    }

    /**
     * PUBLISHED gives every head its own angles. REFERENCE reads a layer's table of heads by patches as one of patches
     * by heads, as the authors' program does (golden/NOTES.md section 4).
     */
    public enum MixedTable {
        PUBLISHED,
        REFERENCE
    }
}
