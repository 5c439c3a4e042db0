package org.seqpe.data.qa.haystack;

import java.nio.charset.StandardCharsets;
import org.seqpe.core.UserException;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.qa.corpus.Question;
import org.seqpe.data.tokenizer.Tokenizer;

/**
 * Makes questions by hiding needles in a text. Prompt, answer and an end token together have the number of tokens that
 * is asked for, or fewer by no more than the next word of the text needs.
 */
public final class NeedleText {
    private static final int BYTES_PER_TOKEN = 6;
    /** Tokens of text below which nothing is hidden in anything. */
    private static final int LEAST_TEXT = 16;

    private final NeedleForm form;
    private final int count;
    private final Haystack haystack;
    private final Tokenizer tokenizer;
    private final String split;

    /**
     * @param count needles, for the forms that have several
     * @param haystack the texts
     * @param split the name of their split, for messages
     */
    public NeedleText(NeedleForm form, int count, Haystack haystack, Tokenizer tokenizer, String split) {
        this.form = form;
        this.count = count;
        this.haystack = haystack;
        this.tokenizer = tokenizer;
        this.split = split;
    }

    /**
     * Makes a question.
     *
     * @param index its number
     * @param length tokens of prompt, answer and an end token
     * @param place where its text begins, from 0 for the beginning of the split's text to 1 for its end
     * @param depth where the needle that is asked for should stand, from 0 to 1
     * @param random what else is drawn
     * @throws UserException if the texts are too short for the length, or the length for the needles
     */
    public Question question(long index, int length, double place, double depth, RandomStream random) {
        long first = Math.min((long) (place * haystack.bytes()), haystack.bytes() - 1);
        long read = (long) length * BYTES_PER_TOKEN;
        String text = text(first, read);
        int[] ids = tokenizer.encode(text);
        while (ids.length < length) {
            if (read > haystack.bytes()) {
                throw new UserException("Cannot hide needles in texts of " + length + " tokens: the split " + split
                        + " has only " + haystack.bytes() + " bytes of text, not more than " + ids.length
                        + " tokens. Give more text, a larger share to this split with --ratios, or a smaller length.");
            }
            read *= 2;
            text = text(first, read);
            ids = tokenizer.encode(text);
        }
        Needles needles = new Needles(form, count, depth, text, random);
        int answer = tokenizer.encode(needles.answer()).length;
        int most = length - answer - 1;
        int budget = most - tokens(needles.prompt(needles.hide("", 0)));
        if (budget < LEAST_TEXT) {
            throw new UserException("Cannot hide needles in texts of " + length + " tokens: expected at least "
                    + (length - budget + LEAST_TEXT) + " for these needles and their question. Give a larger --pad-to, "
                    + "or fewer needles.");
        }
        int end = end(text, ids, budget);
        Needles.Context context = needles.hide(text, end);
        for (int excess = excess(needles, context, most); excess > 0; excess = excess(needles, context, most)) {
            budget -= excess;
            end = end(text, ids, budget);
            context = needles.hide(text, end);
        }
        while (end < text.length()) {
            int longer = TextCuts.nextWord(text, end);
            Needles.Context more = needles.hide(text, longer);
            if (excess(needles, more, most) > 0) {
                break;
            }
            end = longer;
            context = more;
        }
        return new Question(
                index, needles.prompt(context), needles.answer(), needles.outputs(), length, context.depth());
    }

    private String text(long first, long bytes) {
        String text = haystack.text(first, bytes);
        String whole = first == 0 ? text : text.substring(TextCuts.nextSentence(text, Math.min(1, text.length())));
        return whole.strip();
    }

    private int excess(Needles needles, Needles.Context context, int most) {
        return tokens(needles.prompt(context)) - most;
    }

    private int tokens(String text) {
        return tokenizer.encode(text).length;
    }

    /** The end of the last whole word within the first tokens of a text. */
    private int end(String text, int[] ids, int tokens) {
        int count = Math.max(0, Math.min(tokens, ids.length));
        int characters = new String(tokenizer.decodeBytes(ids, 0, count), StandardCharsets.UTF_8).length();
        return TextCuts.lastWord(text, Math.min(characters, text.length()));
    }
}
