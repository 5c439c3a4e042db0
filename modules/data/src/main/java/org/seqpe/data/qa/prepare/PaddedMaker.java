package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.Corpus;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.prepare.TextCollector;
import org.seqpe.data.qa.corpus.AnswerCorpus;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.stage.PadQuestions;
import org.seqpe.data.qa.stage.QuestionSpools;

/** Makes examples of SQuAD's questions by putting each paragraph among others, once for each length. */
final class PaddedMaker implements AnswerMaker {
    private final AnswerRequest request;
    private final AnswerOptions options;
    private final Stage stage;
    private final TaskSizes sizes;
    private final QuestionCollector collector;
    private AnswerCorpus corpus;
    private TextCollector texts;
    private Corpus haystack;

    PaddedMaker(AnswerRequest request, Stage stage, TaskSizes sizes) {
        this.request = request;
        this.options = request.options();
        this.stage = stage;
        this.sizes = sizes;
        this.collector = new QuestionCollector(request, stage, sizes);
    }

    @Override
    public void find() {
        corpus = collector.find();
        if (corpus.kind() != AnswerCorpusKind.SQUAD) {
            throw new UserException("Cannot make prompts of " + corpus.kind().id()
                    + " longer: they stay as they come. Leave out --pad-to.");
        }
        if (!options.haystack().isEmpty()) {
            texts = new TextCollector(
                    request.text(options.haystack(), corpus.splits()),
                    stage.runner(),
                    stage.progress(),
                    sizes.inputBytes());
            haystack = texts.find();
            for (String split : corpus.splits()) {
                if (!haystack.splits().contains(split)) {
                    throw new UserException("Cannot put paragraphs of the split " + split + " among the texts of "
                            + String.join(", ", options.haystack())
                            + ": they have no text for this split. Give it a share with --ratios, or leave out the"
                            + " split with --splits.");
                }
            }
        }
    }

    @Override
    public Made make(String work) {
        QuestionSpools.Found found = collector.collect(corpus, false, work + "/squad");
        DatasetManifest.Corpus described = collector.manifestCorpus(corpus, found);
        SortedMap<String, Collected> paragraphs = found.paragraphs();
        if (haystack != null) {
            paragraphs = texts.collect(haystack, work);
            texts.shared(paragraphs);
        }
        SortedMap<String, List<PadQuestions.Task>> tasks = new TreeMap<>();
        for (String split : corpus.splits()) {
            if (found.splits().containsKey(split)) {
                tasks.put(
                        split,
                        tasks(
                                split,
                                found.splits().get(split).spools(),
                                paragraphs.get(split).spools(),
                                work));
            }
        }
        return new Made(
                described,
                options(),
                QuestionCollector.made(found, corpus.splits(), stage.parts("pad", tasks, PadQuestions::run)));
    }

    private List<PadQuestions.Task> tasks(
            String split, List<SpoolFile> questions, List<SpoolFile> paragraphs, String work) {
        List<PadQuestions.Task> tasks = new ArrayList<>();
        for (int length : options.lengths(split)) {
            for (SpoolFile spool : questions) {
                tasks.add(new PadQuestions.Task(
                        split,
                        spool,
                        paragraphs,
                        length,
                        request.tokenizer(),
                        request.seed(),
                        work + "/part-" + split + "-" + tasks.size()));
            }
        }
        return tasks;
    }

    private SortedMap<String, String> options() {
        SortedMap<String, String> described = options.described(request.seed());
        if (haystack != null) {
            described.put(
                    "haystack", haystack.name() + ", " + haystack.splitRule().describe());
        }
        return described;
    }
}
