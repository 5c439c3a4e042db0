package org.seqpe.core.config;

/**
 * Which position encoding the model has (method.md sections 3 and 6).
 *
 * @param encoding    the kind
 * @param maxPosition positions are below this, for every encoding but none and learned
 * @param base        wavelength base of sinusoidal and rotary encodings
 * @param alibiScaling whether ALiBi's bias is added as published or scaled with the logits as the reference does
 * @param learnedRows rows of the learned table; 0 means the training length
 * @param seqpe       the sequential encoder's own settings, read when the encoding is SEQPE
 */
public record PositionConfig(Encoding encoding, int maxPosition, double base, AlibiScaling alibiScaling, int learnedRows, SeqPeConfig seqpe) {

    /** The position encodings of method.md section 6. */
    public enum Encoding { SEQPE, ROPE, ALIBI, SINUSOIDAL, LEARNED, NONE }

    /** PUBLISHED adds slope * j to the scaled logits; REFERENCE scales it by 1/sqrt(D) together with them. */
    public enum AlibiScaling { PUBLISHED, REFERENCE }
}
