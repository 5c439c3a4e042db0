package org.seqpe.data.qa.corpus;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A prompt and its answers, as text.
 *
 * @param index the number that its source gave it
 * @param prompt context and question, without white space at the end
 * @param answer what the model shall write; it begins with a space
 * @param outputs all answers that are right
 * @param length the nominal length in tokens, or null
 * @param depth where the answer stands in the context, from 0 to 1, or null
 */
public record Question(long index, String prompt, String answer, List<String> outputs, Integer length, Double depth) {

    /** Asks about a context, in this project's words. */
    public static String prompt(String context, String question) {
        return context + "\n\nQuestion: " + question + "\nAnswer:";
    }

    /** What the model shall write for an answer. */
    public static String answer(String output) {
        return " " + output.strip();
    }

    /** What makes it equal to another question: the prompt and all outputs. */
    public byte[] content() {
        return (prompt + "\0" + String.join("\0", outputs)).getBytes(StandardCharsets.UTF_8);
    }
}
