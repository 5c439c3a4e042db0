package org.seqpe.data.text.encoding;

/**
 * How much text some tokens stand for: the denominators of word perplexity, bits per byte and bits per character
 * (method.md section 7). Separators between documents are not counted.
 *
 * @param words runs of characters without white space, as Python's {@code str.split()} finds them
 * @param bytes UTF-8 bytes
 * @param characters Unicode code points
 */
public record TextCounts(long words, long bytes, long characters) {
    public static final TextCounts ZERO = new TextCounts(0, 0, 0);

    /**
     * Counts valid UTF-8. If the text begins or ends inside a character, that character counts if its first byte is in
     * the text.
     */
    public static TextCounts of(byte[] utf8, int offset, int length) {
        long words = 0;
        long characters = 0;
        boolean inWord = false;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            int first = utf8[i];
            if ((first & 0xC0) == 0x80) {
                continue;
            }
            characters++;
            boolean space = first >= 0 ? isWhiteSpace(first) : isWhiteSpace(codePoint(utf8, i, end));
            if (!space && !inWord) {
                words++;
            }
            inWord = !space;
        }
        return new TextCounts(words, length, characters);
    }

    /** Counts a whole array. */
    public static TextCounts of(byte[] utf8) {
        return of(utf8, 0, utf8.length);
    }

    public TextCounts plus(TextCounts other) {
        return new TextCounts(words + other.words, bytes + other.bytes, characters + other.characters);
    }

    private static boolean isWhiteSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint) || codePoint == 0x85;
    }

    /**
     * The character whose first byte, above 0x7F, is at {@code at}; a letter if it is cut off or has four bytes. White
     * space is at most three bytes long.
     */
    private static int codePoint(byte[] utf8, int at, int end) {
        int first = utf8[at] & 0xFF;
        if (first < 0xE0 && at + 1 < end) {
            return (first & 0x1F) << 6 | utf8[at + 1] & 0x3F;
        }
        if (first >= 0xE0 && first < 0xF0 && at + 2 < end) {
            return (first & 0x0F) << 12 | (utf8[at + 1] & 0x3F) << 6 | utf8[at + 2] & 0x3F;
        }
        return 'x';
    }
}
