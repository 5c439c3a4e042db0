package org.seqpe.data.qa;

import java.util.List;

/**
 * A question about a context, and its answer.
 *
 * @param index the number that its source gave it
 * @param prompt ids of context and question
 * @param answer ids of the answer, without an end token
 * @param outputs all answers that are right; the first one, or all of them, are {@code answer}
 * @param length the nominal length in tokens, by which examples are measured; without one, the tokens of prompt and
 *     answer
 * @param depth where the answer stands in the context, from 0 for its beginning to 1 for its end; NaN if unknown
 */
public record AnswerExample(long index, int[] prompt, int[] answer, List<String> outputs, int length, double depth) {}
