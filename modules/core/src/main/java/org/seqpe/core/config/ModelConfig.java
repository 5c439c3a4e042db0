package org.seqpe.core.config;

/**
 * A GPT-2 shaped Transformer (method.md section 5).
 *
 * @param vocabulary   V; 0 takes the tokenizer's
 * @param width        C
 * @param layers       L
 * @param heads        H; divides the width
 * @param mlpWidth     inner width of the MLP; 0 means 4 C
 * @param dropout      of embeddings, attention weights and residual branches
 * @param layerNormEpsilon added to the variance
 * @param initStd      standard deviation of weights and embeddings at the start
 * @param position     the position encoding
 */
public record ModelConfig(int vocabulary, int width, int layers, int heads, int mlpWidth, double dropout, double layerNormEpsilon,
                          double initStd, PositionConfig position) {

    /** D = C / H. */
    public int headWidth() {
        return width / heads;
    }

    /** The MLP's inner width with its default filled in. */
    public int innerWidth() {
        return mlpWidth == 0 ? 4 * width : mlpWidth;
    }

    public ModelConfig withVocabulary(int newVocabulary) {
        return new ModelConfig(newVocabulary, width, layers, heads, mlpWidth, dropout, layerNormEpsilon, initStd, position);
    }
}
