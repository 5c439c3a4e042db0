package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.prepare.SpoolFile;
import org.seqpe.data.qa.corpus.AnswerCorpus;
import org.seqpe.data.qa.stage.QuestionSpools;
import org.seqpe.data.qa.stage.TokenizeQuestions;

/** Makes examples of questions as they came: collects them, then turns them into tokens. */
final class QuestionMaker implements AnswerMaker {
    private final AnswerRequest request;
    private final Stage stage;
    private final QuestionCollector collector;
    private AnswerCorpus corpus;

    QuestionMaker(AnswerRequest request, Stage stage, TaskSizes sizes) {
        this.request = request;
        this.stage = stage;
        this.collector = new QuestionCollector(request, stage, sizes);
    }

    @Override
    public void find() {
        corpus = collector.find();
    }

    @Override
    public Made make(String work) {
        QuestionSpools.Found found = collector.collect(corpus, true, work);
        DatasetManifest.Corpus described = collector.manifestCorpus(corpus, found);
        SortedMap<String, List<TokenizeQuestions.Task>> tasks = new TreeMap<>();
        found.splits().forEach((split, collected) -> {
            List<TokenizeQuestions.Task> ofSplit = new ArrayList<>();
            for (SpoolFile spool : collected.spools()) {
                ofSplit.add(new TokenizeQuestions.Task(
                        spool, request.tokenizer(), work + "/part-" + split + "-" + ofSplit.size()));
            }
            tasks.put(split, ofSplit);
        });
        return new Made(
                described,
                new TreeMap<>(),
                QuestionCollector.made(found, corpus.splits(), stage.parts("tokenize", tasks, TokenizeQuestions::run)));
    }
}
