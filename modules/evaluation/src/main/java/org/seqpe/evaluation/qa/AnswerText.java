package org.seqpe.evaluation.qa;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How a generated answer compares with the gold answers of its question. */
public final class AnswerText {
    /** Characters of ASCII that are punctuation, as SQuAD's evaluation has it. */
    private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");

    private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private AnswerText() {}

    /**
     * The exact match of the SeqPE authors: whether any gold answer occurs in the text, both in lower case and without
     * white space at their ends.
     */
    public static boolean contains(String text, List<String> gold) {
        String found = text.toLowerCase(Locale.ROOT).strip();
        return gold.stream()
                .anyMatch(
                        answer -> found.contains(answer.toLowerCase(Locale.ROOT).strip()));
    }

    /** SQuAD's exact match: whether the text is a gold answer, after {@link #normalized}. */
    public static boolean isExact(String text, List<String> gold) {
        String found = normalized(text);
        return gold.stream().anyMatch(answer -> normalized(answer).equals(found));
    }

    /**
     * SQuAD's F1 score: the harmonic mean of precision and recall of the text's words, after {@link #normalized}; the
     * best of all gold answers.
     */
    public static double f1(String text, List<String> gold) {
        return gold.stream()
                .mapToDouble(answer -> f1(words(text), words(answer)))
                .max()
                .orElse(0);
    }

    private static double f1(List<String> found, List<String> gold) {
        if (found.isEmpty() || gold.isEmpty()) {
            return found.equals(gold) ? 1 : 0;
        }
        Map<String, Integer> left = new HashMap<>();
        gold.forEach(word -> left.merge(word, 1, Integer::sum));
        int common = 0;
        for (String word : found) {
            if (left.merge(word, -1, Integer::sum) >= 0) {
                common++;
            }
        }
        return common == 0 ? 0 : 2.0 * common / (found.size() + gold.size());
    }

    private static List<String> words(String text) {
        String normalized = normalized(text);
        return normalized.isEmpty() ? List.of() : Arrays.asList(normalized.split(" "));
    }

    /**
     * A text as SQuAD's evaluation compares it (arXiv 1606.05250): in lower case, without punctuation, without the
     * words a, an and the, and with single spaces.
     */
    static String normalized(String text) {
        String plain = PUNCTUATION.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        return Arrays.stream(SPACES.split(ARTICLES.matcher(plain).replaceAll(" ")))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
    }
}
