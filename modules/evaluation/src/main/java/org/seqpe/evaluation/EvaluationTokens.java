package org.seqpe.evaluation;

/** The one stream of tokens that is predicted: a split, or its beginning. It is read piece by piece and never held whole. */
public interface EvaluationTokens {

    /** Tokens of the stream. */
    long tokens();

    /**
     * Copies the tokens [position, position + count) to target[offset].
     *
     * @throws IndexOutOfBoundsException if the stream does not hold them
     */
    void read(long position, int[] target, int offset, int count);

    /** What the text that these tokens encode consists of: the denominators of the measures that do not depend on the tokenizer. */
    TextCounts counts();
}
