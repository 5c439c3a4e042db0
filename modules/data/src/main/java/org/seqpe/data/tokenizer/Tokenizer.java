package org.seqpe.data.tokenizer;

import java.nio.charset.StandardCharsets;

/** Turns text into token ids and back. Implementations are safe for use by several threads. */
public interface Tokenizer {

    /** The name by which {@link Tokenizers#of} finds it and manifests record it. */
    String id();

    /** V: ids are in [0, V). */
    int vocabularySize();

    /** The id that may stand between documents, or -1 if there is none. */
    int endOfText();

    /**
     * SHA-256 over the whole vocabulary, in hexadecimal digits. If the hashes are equal, the ids have the same meaning.
     */
    String hash();

    /** The ids of a text, without any special token. */
    int[] encode(String text);

    /** The UTF-8 bytes of {@code count} ids from {@code offset} on; a character may be cut at either end. */
    byte[] decodeBytes(int[] tokens, int offset, int count);

    /** The text of ids; invalid bytes become U+FFFD. */
    default String decode(int[] tokens) {
        return new String(decodeBytes(tokens, 0, tokens.length), StandardCharsets.UTF_8);
    }
}
