package org.seqpe.data.qa.corpus;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A question whose answer stands in a paragraph.
 *
 * @param index its number in its split, from 0
 * @param context the paragraph
 * @param question the question
 * @param outputs the different answers that are right; the first one stands in the context
 * @param start the character of the context where the first one begins
 */
public record SquadQuestion(long index, String context, String question, List<String> outputs, int start) {

    /** The same as a prompt with this context alone. */
    public Question alone() {
        return in(context, start, null);
    }

    /**
     * The same as a prompt with a longer context.
     *
     * @param longer the context
     * @param at the character where the first answer begins in it
     * @param length the nominal length in tokens, or null
     */
    public Question in(String longer, int at, Integer length) {
        return new Question(
                index,
                Question.prompt(longer, question),
                Question.answer(outputs.get(0)),
                outputs,
                length,
                (double) at / longer.length());
    }

    /** What makes it equal to another one: prompt and outputs. */
    public byte[] content() {
        return alone().content();
    }

    /** The context as bytes. */
    public byte[] paragraph() {
        return context.getBytes(StandardCharsets.UTF_8);
    }
}
