package org.seqpe.data.qa.prepare;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.seqpe.core.UserException;
import org.seqpe.data.corpus.Splits;
import org.seqpe.data.qa.haystack.NeedleForm;

/**
 * How examples are made of a text, or contexts are made longer.
 *
 * @param needles what is hidden in a text
 * @param needleCount needles in each text, for the forms that have several
 * @param padTo lengths of validation and test examples in tokens, an end token included; none if they stay as they are
 * @param trainPadTo length of training examples, or 0 for the smallest of {@code padTo}
 * @param examples how many examples are made of a text: for train, and for validation and test by length
 * @param haystack texts among whose paragraphs those of questions are put, Hadoop paths; none for the paragraphs of
 *     other questions
 */
public record AnswerOptions(
        NeedleForm needles,
        int needleCount,
        List<Integer> padTo,
        int trainPadTo,
        List<Integer> examples,
        List<String> haystack) {
    public static final int DEFAULT_NEEDLES = 4;
    public static final List<Integer> DEFAULT_EXAMPLES = List.of(1000, 100, 100);
    /** Nothing is made longer. */
    public static final AnswerOptions NONE =
            new AnswerOptions(NeedleForm.SINGLE, DEFAULT_NEEDLES, List.of(), 0, DEFAULT_EXAMPLES, List.of());

    private static final int MOST_NEEDLES = 64;
    private static final int MOST_TOKENS = 1 << 24;

    /** @throws UserException for a value that cannot be */
    public AnswerOptions {
        padTo = padTo.stream().sorted().toList();
        examples = List.copyOf(examples);
        haystack = List.copyOf(haystack);
        if (needleCount < 2 || needleCount > MOST_NEEDLES) {
            throw new UserException("Cannot hide " + needleCount + " needles in a text: expected 2 to " + MOST_NEEDLES
                    + "; --needles single has one.");
        }
        if (padTo.stream().anyMatch(length -> length < 1 || length > MOST_TOKENS)
                || padTo.stream().distinct().count() < padTo.size()) {
            throw new UserException("Cannot make examples of " + padTo
                    + " tokens: expected different numbers from 1 to " + MOST_TOKENS + ".");
        }
        if (trainPadTo < 0 || trainPadTo > MOST_TOKENS || trainPadTo > 0 && padTo.isEmpty()) {
            throw new UserException("Cannot make training examples of " + trainPadTo + " tokens: expected 1 to "
                    + MOST_TOKENS + ", and the lengths of the other splits with --pad-to.");
        }
        if (examples.size() != Splits.ALL.size()
                || examples.stream().anyMatch(count -> count < 0)
                || examples.stream().allMatch(count -> count == 0)) {
            throw new UserException("Cannot make " + examples
                    + " examples: expected three numbers, for train, validation and test, 0 for a split that is not"
                    + " made.");
        }
        if (!haystack.isEmpty() && padTo.isEmpty()) {
            throw new UserException("Cannot use the texts " + haystack
                    + " as a haystack: expected the lengths that contexts shall have, with --pad-to.");
        }
    }

    /** The lengths of a split's examples. */
    List<Integer> lengths(String split) {
        return split.equals(Splits.TRAIN) ? List.of(trainLength()) : padTo;
    }

    private int trainLength() {
        return trainPadTo == 0 ? padTo.get(0) : trainPadTo;
    }

    /** What a manifest says about the lengths and the seed. */
    SortedMap<String, String> described(long seed) {
        SortedMap<String, String> described = new TreeMap<>();
        described.put("pad-to", padTo.stream().map(String::valueOf).collect(Collectors.joining(",")));
        described.put("train-pad-to", Integer.toString(trainLength()));
        described.put("seed", Long.toString(seed));
        return described;
    }

    /** How many examples a split has of each length. */
    int examples(String split) {
        return examples.get(Splits.ALL.indexOf(split));
    }

    /** The splits of which there are to be examples. */
    List<String> splits() {
        return Splits.ALL.stream().filter(split -> examples(split) > 0).toList();
    }
}
