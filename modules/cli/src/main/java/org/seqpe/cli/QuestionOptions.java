package org.seqpe.cli;

import java.util.ArrayList;
import java.util.List;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.haystack.NeedleForm;
import org.seqpe.data.qa.prepare.AnswerOptions;
import picocli.CommandLine.Option;

/** The options of {@code seqpe prepare} that say how questions and answers are made. */
final class QuestionOptions {
    private static final String NEEDLES = "--needles";
    private static final String NEEDLE_COUNT = "--needle-count";
    private static final String PAD_TO = "--pad-to";
    private static final String TRAIN_PAD_TO = "--train-pad-to";
    private static final String EXAMPLES = "--examples";
    private static final String HAYSTACK = "--haystack";
    /** All of them. */
    static final List<String> ALL = List.of(NEEDLES, NEEDLE_COUNT, PAD_TO, TRAIN_PAD_TO, EXAMPLES, HAYSTACK);

    @Option(
            names = NEEDLES,
            defaultValue = "single",
            paramLabel = "FORM",
            description =
                    "What is hidden in a text and asked for: single, multi-key (several keys, one is asked for) or multi-value (several values of one key). Default: ${DEFAULT-VALUE}.")
    private String needles;

    @Option(
            names = NEEDLE_COUNT,
            defaultValue = "" + AnswerOptions.DEFAULT_NEEDLES,
            paramLabel = "NUMBER",
            description = "Needles in a text, for the forms that have several. Default: ${DEFAULT-VALUE}.")
    private int needleCount;

    @Option(
            names = PAD_TO,
            split = ",",
            paramLabel = "TOKENS",
            description =
                    "Lengths of validation and test examples, which need --corpus needles or squad: each prompt, answer and end token together have as many or a few less.")
    private List<Integer> padTo = new ArrayList<>();

    @Option(
            names = TRAIN_PAD_TO,
            defaultValue = "0",
            paramLabel = "TOKENS",
            description = "Length of training examples. Default: the smallest of --pad-to.")
    private int trainPadTo;

    @Option(
            names = EXAMPLES,
            split = ",",
            defaultValue = "1000,100,100",
            paramLabel = "NUMBER",
            description =
                    "Examples to make of a text: for train, and for validation and test by length; 0 for a split that is not made. Default: ${DEFAULT-VALUE}.")
    private List<Integer> examples;

    @Option(
            names = HAYSTACK,
            paramLabel = "PATH",
            description =
                    "Texts among whose paragraphs those of SQuAD are put; may be repeated. Default: SQuAD's other paragraphs.")
    private List<String> haystack = new ArrayList<>();

    /** The options that say nothing about a kind. */
    List<String> without(AnswerCorpusKind kind) {
        return switch (kind) {
            case JSONL -> ALL;
            case SQUAD -> List.of(NEEDLES, NEEDLE_COUNT, EXAMPLES);
            case NEEDLES -> List.of(HAYSTACK);
        };
    }

    /** Whether texts are read too, which are found as {@code --text-column} says. */
    boolean readsText(AnswerCorpusKind kind) {
        return kind == AnswerCorpusKind.NEEDLES || kind == AnswerCorpusKind.SQUAD && !haystack.isEmpty();
    }

    /** @throws org.seqpe.core.UserException for a value that cannot be */
    AnswerOptions values() {
        return new AnswerOptions(NeedleForm.of(needles), needleCount, padTo, trainPadTo, examples, haystack);
    }
}
