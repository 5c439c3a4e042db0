package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.LeftOutFiles;
import org.seqpe.data.prepare.Runs;
import org.seqpe.data.prepare.SharedContent;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.qa.corpus.AnswerCorpus;
import org.seqpe.data.qa.corpus.AnswerCorpusFinder;

/** Makes examples of questions as they came: collects them, then turns them into tokens. */
final class QuestionMaker implements AnswerMaker {
    private final AnswerRequest request;
    private final Stage stage;
    private final TaskSizes sizes;
    private final String where;

    private AnswerCorpus corpus;

    QuestionMaker(AnswerRequest request, Stage stage, TaskSizes sizes) {
        this.request = request;
        this.stage = stage;
        this.sizes = sizes;
        this.where = String.join(", ", request.inputs());
    }

    @Override
    public void find() {
        corpus = new AnswerCorpusFinder(request.ratios(), request.seed(), request.splits())
                .find(request.inputs(), request.corpus());
        LeftOutFiles.note(corpus.leftOut(), stage.progress());
    }

    @Override
    public Made make(String work) {
        QuestionSpools.Found found = collect(work);
        SortedMap<String, Long> shared = SharedContent.count(found.splits(), "questions", where, stage.progress());
        SortedMap<String, List<TokenizeQuestions.Task>> tasks = new TreeMap<>();
        found.splits().forEach((split, collected) -> {
            List<TokenizeQuestions.Task> ofSplit = new ArrayList<>();
            for (SpoolFile spool : collected.spools()) {
                ofSplit.add(new TokenizeQuestions.Task(
                        spool, request.tokenizer(), work + "/part-" + split + "-" + ofSplit.size()));
            }
            tasks.put(split, ofSplit);
        });
        SortedMap<String, List<Part>> parts = stage.parts("tokenize", tasks, TokenizeQuestions::run);
        SortedMap<String, MadeSplit> splits = new TreeMap<>();
        for (String split : corpus.splits()) {
            Collected collected = found.splits().get(split);
            splits.put(
                    split,
                    new MadeSplit(
                            parts.getOrDefault(split, List.of()),
                            collected == null ? new TreeMap<>() : collected.skipped(),
                            found.remarks().getOrDefault(split, new TreeMap<>())));
        }
        return new Made(manifestCorpus(shared), new TreeMap<>(), splits);
    }

    private QuestionSpools.Found collect(String work) {
        List<CollectLines.Task> tasks = new ArrayList<>();
        for (List<InputFile> files : Runs.of(corpus.files(), InputFile::bytes, sizes.inputBytes())) {
            tasks.add(new CollectLines.Task(
                    files,
                    corpus.splitRule(),
                    request.skipInvalid(),
                    sizes.spoolBytes(),
                    work + "/questions-" + tasks.size()));
        }
        QuestionSpools.Found all = QuestionSpools.Found.nothing("");
        for (QuestionSpools.Found found : stage.run("collect", tasks, CollectLines::run, QuestionSpools.Found.class)) {
            Stage.requireNoProblem(found.problem());
            all.add(found);
        }
        all.examples().forEach((reason, places) -> stage.progress()
                .note("Left out questions: " + reason + ": " + Examples.of(places)));
        return all;
    }

    private DatasetManifest.Corpus manifestCorpus(SortedMap<String, Long> shared) {
        return new DatasetManifest.Corpus(
                corpus.kind().id(),
                corpus.name(),
                corpus.files().size(),
                corpus.bytes(),
                corpus.splitRule().describe(),
                LeftOutFiles.byReason(corpus.leftOut()),
                shared);
    }
}
