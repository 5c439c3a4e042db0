package org.seqpe.data.qa;

import java.util.List;

/**
 * The line of a shard's {@code .jsonl} about an example: everything but its tokens.
 *
 * @param index the number that its source gave it
 * @param outputs all answers that are right
 * @param length the nominal length in tokens, or null
 * @param depth where the answer stands in the context, from 0 to 1, or null
 */
public record AnswerLine(long index, List<String> outputs, Integer length, Double depth) {}
