package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.LeftOutFiles;
import org.seqpe.data.prepare.Runs;
import org.seqpe.data.prepare.SharedContent;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.corpus.AnswerCorpus;
import org.seqpe.data.qa.corpus.AnswerCorpusFinder;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.stage.CollectLines;
import org.seqpe.data.qa.stage.CollectSquad;
import org.seqpe.data.qa.stage.Part;
import org.seqpe.data.qa.stage.QuestionSpools;

/** Finds a corpus of questions and sorts its questions by split into spool files. */
final class QuestionCollector {
    private final AnswerRequest request;
    private final Stage stage;
    private final TaskSizes sizes;
    private final String where;

    QuestionCollector(AnswerRequest request, Stage stage, TaskSizes sizes) {
        this.request = request;
        this.stage = stage;
        this.sizes = sizes;
        this.where = String.join(", ", request.inputs());
    }

    /** Finds the files, and names those that are left out. */
    AnswerCorpus find() {
        AnswerCorpus corpus = new AnswerCorpusFinder(request.ratios(), request.seed(), request.splits())
                .find(request.inputs(), request.corpus());
        LeftOutFiles.note(corpus.leftOut(), stage.progress());
        return corpus;
    }

    /**
     * Reads the questions into files.
     *
     * @param alone whether questions become prompts with their paragraph alone, or paragraphs are collected too
     * @throws UserException if a question cannot be used, unless those are skipped
     */
    QuestionSpools.Found collect(AnswerCorpus corpus, boolean alone, String work) {
        QuestionSpools.Found all = QuestionSpools.Found.nothing("");
        List<?> tasks = corpus.kind() == AnswerCorpusKind.SQUAD ? squad(corpus, alone, work) : lines(corpus, work);
        TaskRunner.Work reading = corpus.kind() == AnswerCorpusKind.SQUAD ? CollectSquad::run : CollectLines::run;
        for (QuestionSpools.Found found : stage.run("collect", tasks, reading, QuestionSpools.Found.class)) {
            Stage.requireNoProblem(found.problem());
            all.add(found);
        }
        all.examples().forEach((reason, places) -> stage.progress()
                .note("Left out questions: " + reason + ": " + Examples.of(places)));
        return all;
    }

    private List<CollectLines.Task> lines(AnswerCorpus corpus, String work) {
        List<CollectLines.Task> tasks = new ArrayList<>();
        for (List<InputFile> files : Runs.of(corpus.files(), InputFile::bytes, sizes.inputBytes())) {
            tasks.add(new CollectLines.Task(
                    files,
                    corpus.splitRule(),
                    request.skipInvalid(),
                    sizes.spoolBytes(),
                    work + "/questions-" + tasks.size()));
        }
        return tasks;
    }

    private List<CollectSquad.Task> squad(AnswerCorpus corpus, boolean alone, String work) {
        Map<String, List<InputFile>> bySplit = new LinkedHashMap<>();
        corpus.files().forEach(file -> bySplit.computeIfAbsent(file.split(), split -> new ArrayList<>())
                .add(file));
        List<CollectSquad.Task> tasks = new ArrayList<>();
        for (List<InputFile> files : bySplit.values()) {
            tasks.add(new CollectSquad.Task(
                    files,
                    corpus.splitRule(),
                    request.skipInvalid(),
                    alone,
                    request.seed(),
                    sizes.spoolBytes(),
                    work + "/questions-" + tasks.size()));
        }
        return tasks;
    }

    /**
     * What the manifest says about the corpus, with the questions that are in several splits.
     *
     * @throws UserException if all of a split is in another one too
     */
    DatasetManifest.Corpus manifestCorpus(AnswerCorpus corpus, QuestionSpools.Found found) {
        SortedMap<String, Long> shared = SharedContent.count(found.splits(), "questions", where, stage.progress());
        return new DatasetManifest.Corpus(
                corpus.kind().id(),
                corpus.name(),
                corpus.files().size(),
                corpus.bytes(),
                corpus.splitRule().describe(),
                LeftOutFiles.byReason(corpus.leftOut()),
                shared);
    }

    /**
     * The splits that are made of what was found.
     *
     * @param names the splits that were asked for
     * @param parts their examples; a split without any has none
     */
    static SortedMap<String, AnswerMaker.MadeSplit> made(
            QuestionSpools.Found found, List<String> names, SortedMap<String, List<Part>> parts) {
        SortedMap<String, AnswerMaker.MadeSplit> made = new TreeMap<>();
        for (String name : names) {
            made.put(
                    name,
                    new AnswerMaker.MadeSplit(
                            parts.getOrDefault(name, List.of()),
                            found.splits().containsKey(name)
                                    ? found.splits().get(name).skipped()
                                    : new TreeMap<>(),
                            found.remarks().getOrDefault(name, new TreeMap<>())));
        }
        return made;
    }
}
