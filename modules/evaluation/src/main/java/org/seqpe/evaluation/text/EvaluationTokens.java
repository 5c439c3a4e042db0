package org.seqpe.evaluation.text;

import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.text.window.TokenSequence;

/**
 * The one stream of tokens that is predicted: a split, or its beginning. It is read piece by piece and never held
 * whole.
 */
public interface EvaluationTokens extends TokenSequence {

    /** The text that these tokens encode: the denominators of the measures that do not depend on the tokenizer. */
    TextCounts counts();

    /** Tokens of the stream whose text begins with a space: what the reference implementation counts as words. */
    long spaceTokens();
}
