package org.seqpe.data.qa.haystack;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
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
    /** Times the text that there is space for: so much of it is looked at for paragraphs without an answer. */
    private static final int PATIENCE = 50;
    /** Tokens of an ordinary paragraph. */
    private static final int ORDINARY = 200;

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
     * A question with a longer context.
     *
     * @param question null if it is left out
     * @param reason why it is left out, otherwise null
     */
    public record Padded(Question question, String reason) {}

    /**
     * Makes the context of a question longer.
     *
     * @param random what is drawn
     * @return the question, or why it is left out
     * @throws UserException if there are too few other paragraphs
     */
    public Padded pad(SquadQuestion question, RandomStream random) {
        int free = length - tokensWith(question.alone());
        if (free < 0) {
            return new Padded(null, "longer than " + length + " tokens");
        }
        long place = random.nextLong(haystack.bytes());
        double depth = random.nextDouble();
        Optional<List<String>> found = others(question, place, free);
        if (found.isEmpty()) {
            return new Padded(null, "the answer stands in too many other paragraphs");
        }
        List<String> others = found.get();
        Question padded = assemble(question, others, depth);
        // Tokens at the seams may differ from those of the paragraphs alone.
        while (tokensWith(padded) > length) {
            shorten(others);
            padded = assemble(question, others, depth);
        }
        return new Padded(padded, null);
    }

    private int tokensWith(Question question) {
        return tokenizer.encode(question.prompt()).length + tokenizer.encode(question.answer()).length + 1;
    }

    /**
     * Paragraphs with as many tokens as there is space for; empty if an answer stands in too many of them. Where there
     * is little space, {@link #PATIENCE} paragraphs of an ordinary length are looked at all the same.
     */
    private Optional<List<String>> others(SquadQuestion question, long place, int free) {
        List<String> others = new ArrayList<>();
        List<String> passedOver = new ArrayList<>();
        int left = free;
        long patience = PATIENCE * (long) Math.max(free, ORDINARY) * BYTES_PER_TOKEN;
        for (Iterator<String> all = haystack.paragraphs(place); all.hasNext(); ) {
            String paragraph = all.next();
            patience -= paragraph.length();
            if (answers(paragraph, question)) {
                passedOver.add(paragraph);
                if (patience < 0) {
                    return Optional.empty();
                }
                continue;
            }
            int[] ids = tokenizer.encode(paragraph + BETWEEN);
            if (ids.length > left) {
                String cut = cut(paragraph, ids, left);
                if (!cut.isEmpty()) {
                    others.add(cut);
                }
                return Optional.of(others);
            }
            others.add(paragraph);
            left -= ids.length;
        }
        if (tokenizer.encode(String.join(BETWEEN, passedOver)).length > left) {
            return Optional.empty();
        }
        throw new UserException("Cannot make contexts of " + length + " tokens: the split " + split + " has only "
                + haystack.bytes() + " bytes of other paragraphs, and some of them have the answer. Give more text with"
                + " --haystack, or a smaller length with --pad-to or --train-pad-to.");
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
