package org.seqpe.data.prepare;

import org.seqpe.data.tokenizer.Tokenizer;

/**
 * The separator after each document in the token stream. The index records the documents with or without it, and
 * separators never count as text.
 */
public enum Separator {
    /** The tokenizer's end-of-text token, which shows a model where texts end. */
    END_OF_TEXT,
    /** No separator, as in the authors' runs. */
    NONE;

    /** The token, or -1 for none. */
    int token(Tokenizer tokenizer) {
        return this == END_OF_TEXT ? tokenizer.endOfText() : -1;
    }
}
