package org.seqpe.data.qa.haystack;

/**
 * Where a text may be cut: between sentences, or else between words, or else between characters. A sentence ends with a
 * full stop, an exclamation or question mark, closing quotes or brackets after it or not, and white space; with one of
 * the Chinese and Japanese marks; or at the end of a line.
 */
final class TextCuts {
    /** Characters within which a better place is looked for. */
    private static final int PATIENCE = 400;

    private static final String STOPS = ".!?\u2026";
    private static final String WIDE_STOPS = "\u3002\uFF01\uFF1F";
    private static final String CLOSING = "\"')]\u201D\u2019\u00BB";

    private TextCuts() {}

    /**
     * The beginning of a sentence that is nearest to a place; the beginning of a word if none is near.
     *
     * @param text the text
     * @param end only the characters before it count as the text
     * @param near a place from 0 to {@code end}
     */
    static int nearestSentence(String text, int end, int near) {
        int word = -1;
        for (int distance = 0; distance <= PATIENCE; distance++) {
            for (int at : new int[] {near - distance, near + distance}) {
                if (at >= 0 && at <= end && isSentence(text, end, at)) {
                    return at;
                }
                if (word < 0 && at >= 0 && at <= end && isWord(text, end, at)) {
                    word = at;
                }
            }
        }
        return word < 0 ? character(text, near) : word;
    }

    /** The first beginning of a sentence at or after a place, or of a word if none is near. */
    static int nextSentence(String text, int from) {
        int end = Math.min(text.length(), from + PATIENCE);
        for (int at = from; at <= end; at++) {
            if (isSentence(text, text.length(), at)) {
                return at;
            }
        }
        for (int at = from; at <= end; at++) {
            if (isWord(text, text.length(), at)) {
                return at;
            }
        }
        return character(text, from);
    }

    /** The last beginning of a sentence at or before a place: 0 if there is no other. */
    static int lastSentence(String text, int from) {
        int at = from;
        while (at > 0 && !isSentence(text, text.length(), at)) {
            at--;
        }
        return at;
    }

    /** The last end of a word at or before a place; the end of a character if no word ends near. */
    static int lastWord(String text, int from) {
        for (int at = from; at > 0 && at > from - PATIENCE; at--) {
            if (isWordEnd(text, at)) {
                return at;
            }
        }
        return character(text, from);
    }

    /** The first end of a word after a place; the end of the next character if no word ends near. */
    static int nextWord(String text, int from) {
        int end = Math.min(text.length(), from + PATIENCE);
        for (int at = from + 1; at <= end; at++) {
            if (isWordEnd(text, at)) {
                return at;
            }
        }
        return from >= text.length() ? text.length() : text.offsetByCodePoints(from, 1);
    }

    private static boolean isSentence(String text, int end, int at) {
        if (at == 0 || at == end) {
            return true;
        }
        char before = text.charAt(at - 1);
        if (before == '\n' || WIDE_STOPS.indexOf(before) >= 0) {
            return true;
        }
        if (!Character.isWhitespace(before) || Character.isWhitespace(text.charAt(at))) {
            return false;
        }
        int last = at - 1;
        while (last >= 0 && Character.isWhitespace(text.charAt(last))) {
            last--;
        }
        while (last >= 0 && CLOSING.indexOf(text.charAt(last)) >= 0) {
            last--;
        }
        return last >= 0 && STOPS.indexOf(text.charAt(last)) >= 0;
    }

    private static boolean isWord(String text, int end, int at) {
        return at == 0
                || at == end
                || Character.isWhitespace(text.charAt(at - 1)) && !Character.isWhitespace(text.charAt(at));
    }

    private static boolean isWordEnd(String text, int at) {
        return at == text.length()
                || !Character.isWhitespace(text.charAt(at - 1)) && Character.isWhitespace(text.charAt(at));
    }

    /** The same place, or one before it inside a character of two. */
    private static int character(String text, int at) {
        return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at)) ? at - 1 : at;
    }
}
