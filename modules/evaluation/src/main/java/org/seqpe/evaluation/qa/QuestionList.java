package org.seqpe.evaluation.qa;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerSplit;

/**
 * The questions of a split that are asked at a length, in the order of the split: the same on every machine.
 *
 * @param numbers of the examples
 */
public record QuestionList(long[] numbers) {

    /** Those of at most so many tokens, as their example says it. */
    public static QuestionList upTo(AnswerSplit split, int length, long most) {
        return within(split, 0, length, most);
    }

    /**
     * Those that belong to one of several lengths: longer than the next shorter length, and not longer than this one.
     *
     * @param lengths of the whole sweep
     * @param most questions; 0 for all
     */
    public static QuestionList at(AnswerSplit split, List<Integer> lengths, int length, long most) {
        int shorter = lengths.stream()
                .filter(other -> other < length)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
        return within(split, shorter, length, most);
    }

    private static QuestionList within(AnswerSplit split, int above, int length, long most) {
        LongStream found =
                LongStream.range(0, split.size()).filter(i -> split.length(i) > above && split.length(i) <= length);
        return new QuestionList((most == 0 ? found : found.limit(most)).toArray());
    }

    /** Tokens of the longest one with its answer; 0 for none. */
    public int longest(AnswerSplit split) {
        return LongStream.of(numbers).mapToInt(split::tokens).max().orElse(0);
    }

    /** How many there are. */
    public long size() {
        return numbers.length;
    }

    /** Reads {@code count} of them from {@code first} on, or as many as there are. */
    public List<AnswerExample> read(AnswerSplit split, long first, long count) {
        List<AnswerExample> examples = new ArrayList<>();
        for (long i = first; i < Math.min(size(), first + count); i++) {
            examples.add(split.example(numbers[Math.toIntExact(i)]));
        }
        return examples;
    }
}
