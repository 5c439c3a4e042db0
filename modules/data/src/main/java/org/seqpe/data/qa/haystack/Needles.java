package org.seqpe.data.qa.haystack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.qa.corpus.Question;

/** The sentences that are hidden in one text, and the question about them. */
final class Needles {
    private static final String SEPARATOR = ", ";

    /**
     * @param sentence what is hidden
     * @param output the answer it gives, or an empty string
     * @param depth where it should stand, from 0 to 1
     */
    private record Needle(String sentence, String output, double depth) {}

    /**
     * A context with the needles in it.
     *
     * @param depth where the needle that is asked for stands in the text, or null if several are
     */
    record Context(String text, Double depth) {}

    private final List<Needle> needles = new ArrayList<>();
    private final String question;
    private final boolean several;

    /**
     * @param count needles, for the forms that have several
     * @param depth where the needle that is asked for should stand, or the first of them; the others follow at equal
     *     distances, beginning again at the text's beginning
     * @param text a text that keys and values must not be in
     */
    Needles(NeedleForm form, int count, double depth, String text, RandomStream random) {
        Keys source = new Keys(random, text);
        int all = form == NeedleForm.SINGLE ? 1 : count;
        List<String> keys = source.keys(form == NeedleForm.MULTI_KEY ? all : 1);
        List<String> values = source.values(all);
        this.several = form == NeedleForm.MULTI_VALUE;
        for (int i = 0; i < all; i++) {
            double place = depth + (double) i / all;
            needles.add(new Needle(
                    sentence(keys.get(several ? 0 : Math.min(i, keys.size() - 1)), values.get(i)),
                    i == 0 || several ? values.get(i) : "",
                    place < 1 ? place : place - 1));
        }
        needles.sort(Comparator.comparingDouble(Needle::depth));
        this.question = several
                ? "What are all the code numbers of the " + keys.get(0) + "?"
                : "What is the code number of the " + keys.get(0) + "?";
    }

    private static String sentence(String key, String value) {
        return "The code number of the " + key + " is " + value + ".";
    }

    /** The answers that are right, in the order in which they stand in the text. */
    List<String> outputs() {
        return needles.stream()
                .map(Needle::output)
                .filter(output -> !output.isEmpty())
                .toList();
    }

    /** What the model shall write: all answers. */
    String answer() {
        return Question.answer(String.join(SEPARATOR, outputs()));
    }

    String prompt(Context context) {
        return Question.prompt(context.text(), question);
    }

    /** Hides the needles in the first {@code end} characters of a text, between sentences. */
    Context hide(String text, int end) {
        StringBuilder context = new StringBuilder();
        int from = 0;
        Double asked = null;
        for (Needle needle : needles) {
            int at = Math.max(from, TextCuts.nearestSentence(text, end, (int) Math.round(needle.depth() * end)));
            context.append(text, from, at);
            if (context.length() > 0 && !Character.isWhitespace(context.charAt(context.length() - 1))) {
                context.append(' ');
            }
            context.append(needle.sentence());
            if (at < end && !Character.isWhitespace(text.charAt(at))) {
                context.append(' ');
            }
            if (!several && !needle.output().isEmpty()) {
                asked = end == 0 ? 0 : (double) at / end;
            }
            from = at;
        }
        context.append(text, from, end);
        return new Context(context.toString(), asked);
    }
}
