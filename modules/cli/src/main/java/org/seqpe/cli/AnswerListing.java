package org.seqpe.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerExample;
import org.seqpe.data.qa.AnswerManifest;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.data.tokenizer.Tokenizer;

/** Shows a dataset of questions and answers: what it was made of, its counts, and a few examples of each split. */
final class AnswerListing {
    /** Examples of a split: its first, its last and one between. */
    private static final int EXAMPLES = 3;
    /** Characters of a prompt's beginning, and of its end. */
    private static final int SHOWN = 160;

    private AnswerListing() {}

    static void print(AnswerDataset dataset, PrintWriter out) {
        AnswerManifest manifest = dataset.manifest();
        out.printf(
                Locale.ROOT,
                "corpus       %s (%s, %,d files, %,d bytes)%nsplits       %s%nmade with    %s%ntokenizer    %s, vocabulary %,d%ntokens       stored as %s%nmanifest     sha256 %s%n",
                manifest.corpus().name(),
                manifest.corpus().kind(),
                manifest.corpus().files(),
                manifest.corpus().bytes(),
                manifest.corpus().splitRule(),
                manifest.options().isEmpty()
                        ? "nothing: questions as they came"
                        : manifest.options().entrySet().stream()
                                .map(option -> option.getKey() + " " + option.getValue())
                                .collect(Collectors.joining("; ")),
                manifest.tokenizer().id(),
                manifest.tokenizer().vocabularySize(),
                manifest.tokenType(),
                dataset.hash());
        out.print(DatasetSummary.of(dataset));
        Tokenizer tokenizer = dataset.tokenizer();
        for (String name : manifest.splits().keySet()) {
            try (AnswerSplit split = dataset.split(name)) {
                long before = -1;
                for (int i = 0; i < EXAMPLES; i++) {
                    long number = (split.size() - 1) * i / (EXAMPLES - 1);
                    if (number > before) {
                        print(name, number, split.example(number), tokenizer, out);
                    }
                    before = number;
                }
            }
        }
    }

    private static void print(String split, long number, AnswerExample example, Tokenizer tokenizer, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%n%s, example %,d: length %,d, %,d tokens of prompt, %,d of answer, depth %s%n",
                split,
                number,
                example.length(),
                example.prompt().length,
                example.answer().length,
                Double.isNaN(example.depth()) ? "unknown" : String.format(Locale.ROOT, "%.2f", example.depth()));
        out.println(indented(shortened(tokenizer.decode(example.prompt()))));
        out.println("  -->" + tokenizer.decode(example.answer()));
        out.println("  right: " + String.join(" | ", example.outputs()));
    }

    /** The beginning and the end of a long text. */
    private static String shortened(String text) {
        if (text.length() <= 2 * SHOWN) {
            return text;
        }
        return text.substring(0, text.offsetByCodePoints(0, SHOWN)) + " [...] "
                + text.substring(text.offsetByCodePoints(text.length(), -SHOWN));
    }

    private static String indented(String text) {
        return "  | " + text.replace("\n", "\n  | ");
    }
}
