package org.seqpe.data.qa.haystack;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.seqpe.core.UserException;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.qa.corpus.Question;
import org.seqpe.data.qa.corpus.SquadQuestion;
import org.seqpe.data.tokenizer.Tokenizer;

/**
 * Puts the paragraph of a question among others, up to a number of tokens. The others follow each other in a haystack,
 * from a place on that is drawn; those that contain an answer are passed over, whatever the case of their letters. The
 * last one is cut after a sentence. The paragraph of the question stands between two of them, at a place that is drawn.
 */
public final class Padding {
    private static final String BETWEEN = "\n\n";
    private static final int BYTES_PER_TOKEN = 6;

    private final Haystack haystack;
    private final Tokenizer tokenizer;
    private final int length;
    private final String split;

    /**
     * @param haystack the other paragraphs
     * @param length tokens of prompt, answer and an end token
     * @param split name of the split, for messages
     */
    public Padding(Haystack haystack, Tokenizer tokenizer, int length, String split) {
        this.haystack = haystack;
        this.tokenizer = tokenizer;
        this.length = length;
        this.split = split;
    }

    /**
     * Makes the context of a question longer.
     *
     * @param random what is drawn
     * @return empty if the question is too long even without other paragraphs
     * @throws UserException if there are too few other paragraphs
     */
    public Optional<Question> pad(SquadQuestion question, RandomStream random) {
        int free = length - tokensWith(question.alone());
        if (free < 0) {
            return Optional.empty();
        }
        long place = random.nextLong(haystack.bytes());
        double depth = random.nextDouble();
        List<String> others = others(question, place, free);
        Question padded = assemble(question, others, depth);
        // Tokens at the seams may differ from those of the paragraphs alone.
        while (tokensWith(padded) > length) {
            shorten(others);
            padded = assemble(question, others, depth);
        }
        return Optional.of(padded);
    }

    private int tokensWith(Question question) {
        return tokenizer.encode(question.prompt()).length + tokenizer.encode(question.answer()).length + 1;
    }

    /** Paragraphs with as many tokens as there is space for. */
    private List<String> others(SquadQuestion question, long place, int free) {
        for (long read = (long) free * BYTES_PER_TOKEN; ; read *= 2) {
            List<String> others = new ArrayList<>();
            int left = free;
            for (String paragraph : haystack.paragraphs(place, read)) {
                if (answers(paragraph, question)) {
                    continue;
                }
                int[] ids = tokenizer.encode(paragraph + BETWEEN);
                if (ids.length > left) {
                    String cut = cut(paragraph, ids, left);
                    if (!cut.isEmpty()) {
                        others.add(cut);
                    }
                    return others;
                }
                others.add(paragraph);
                left -= ids.length;
            }
            if (read > haystack.bytes()) {
                throw new UserException("Cannot make contexts of " + length + " tokens: the split " + split
                        + " has only " + haystack.bytes()
                        + " bytes of other paragraphs, and some of them have the answer. Give more text with --haystack,"
                        + " or a smaller length with --pad-to or --train-pad-to.");
            }
        }
    }

    /** Whether a paragraph has an answer, or is the question's own. */
    private static boolean answers(String paragraph, SquadQuestion question) {
        String lower = paragraph.toLowerCase(Locale.ROOT);
        return paragraph.equals(question.context())
                || question.outputs().stream()
                        .anyMatch(output -> lower.contains(output.strip().toLowerCase(Locale.ROOT)));
    }

    /** The sentences of a paragraph that have at most some tokens, with the blank line that separates it. */
    private String cut(String paragraph, int[] ids, int tokens) {
        int count = Math.max(0, tokens - tokenizer.encode(BETWEEN).length);
        int characters = new String(tokenizer.decodeBytes(ids, 0, count), StandardCharsets.UTF_8).length();
        // The white space after the last sentence is not kept.
        return firstSentences(paragraph, Math.min(characters + 1, paragraph.length() - 1));
    }

    private static String firstSentences(String paragraph, int most) {
        return paragraph.substring(0, TextCuts.lastSentence(paragraph, most)).strip();
    }

    /** Takes the last sentence off the last paragraph. */
    private static void shorten(List<String> others) {
        String last = others.remove(others.size() - 1);
        String shorter = firstSentences(last, last.length() - 1);
        if (!shorter.isEmpty()) {
            others.add(shorter);
        }
    }

    private Question assemble(SquadQuestion question, List<String> others, double depth) {
        int before = (int) Math.min(others.size(), Math.floor(depth * (others.size() + 1)));
        StringBuilder context = new StringBuilder();
        others.subList(0, before).forEach(other -> context.append(other).append(BETWEEN));
        int start = context.length() + question.start();
        context.append(question.context());
        others.subList(before, others.size())
                .forEach(other -> context.append(BETWEEN).append(other));
        return question.in(context.toString(), start, length);
    }
}
