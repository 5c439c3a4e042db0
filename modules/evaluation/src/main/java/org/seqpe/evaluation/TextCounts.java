package org.seqpe.evaluation;

/**
 * Sizes of the text behind a token stream; null where one is not known.
 *
 * @param words       pieces of the original text between white space
 * @param bytes       of its UTF-8 form
 * @param characters  Unicode code points
 * @param spaceTokens tokens whose text begins with a space: what the reference implementation takes for words
 */
public record TextCounts(Long words, Long bytes, Long characters, Long spaceTokens) {
    public static final TextCounts UNKNOWN = new TextCounts(null, null, null, null);
}
