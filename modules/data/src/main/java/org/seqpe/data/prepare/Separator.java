package org.seqpe.data.prepare;

import org.seqpe.data.tokenizer.Tokenizer;

/**
 * What stands after each document in the token stream. Documents are in the index either way, and separators never
 * count as text.
 */
public enum Separator {
    /** The tokenizer's end-of-text token, so that a model sees where texts end. */
    END_OF_TEXT,
    /** Nothing, as in the authors' runs. */
    NONE;

    /** The token, or -1 for none. */
    int token(Tokenizer tokenizer) {
        return this == END_OF_TEXT ? tokenizer.endOfText() : -1;
    }
}
