package org.seqpe.data.qa;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a shard or a split of questions and answers holds.
 *
 * @param examples how many
 * @param promptTokens tokens of all prompts
 * @param answerTokens tokens of all answers, without end tokens
 * @param longest tokens of prompt and answer of the longest example
 * @param outputs answers that are right, of all examples
 * @param lengths number of examples by their nominal length; those that have none are not in it
 */
public record AnswerCounts(
        long examples,
        long promptTokens,
        long answerTokens,
        int longest,
        long outputs,
        SortedMap<Integer, Long> lengths) {
    public static final AnswerCounts ZERO = new AnswerCounts(0, 0, 0, 0, 0, new TreeMap<>());

    /** The counts of one example. */
    static AnswerCounts of(int promptTokens, int answerTokens, AnswerLine line) {
        SortedMap<Integer, Long> lengths = new TreeMap<>();
        if (line.length() != null) {
            lengths.put(line.length(), 1L);
        }
        return new AnswerCounts(
                1,
                promptTokens,
                answerTokens,
                Math.addExact(promptTokens, answerTokens),
                line.outputs().size(),
                lengths);
    }

    /** Both together. */
    public AnswerCounts plus(AnswerCounts other) {
        SortedMap<Integer, Long> all = new TreeMap<>(lengths);
        other.lengths.forEach((length, count) -> all.merge(length, count, Long::sum));
        return new AnswerCounts(
                examples + other.examples,
                promptTokens + other.promptTokens,
                answerTokens + other.answerTokens,
                Math.max(longest, other.longest),
                outputs + other.outputs,
                all);
    }

    /** Tokens of prompts and answers. */
    public long tokens() {
        return promptTokens + answerTokens;
    }

    /** The examples without a nominal length. */
    public long withoutLength() {
        return examples - lengths.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether these can be counts. */
    boolean isPossible() {
        return examples >= 0
                && promptTokens >= 0
                && answerTokens >= 0
                && longest >= 0
                && outputs >= examples
                && lengths.values().stream().allMatch(count -> count != null && count > 0)
                && withoutLength() >= 0;
    }
}
