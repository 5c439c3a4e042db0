package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.Corpus;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.LeftOutFiles;
import org.seqpe.data.prepare.TextCollector;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.haystack.NeedleForm;
import org.seqpe.data.qa.stage.MakeNeedles;

/** Makes examples by hiding needles in texts; each split has texts of its own. */
final class NeedleMaker implements AnswerMaker {
    private final AnswerRequest request;
    private final AnswerOptions options;
    private final Stage stage;
    private final TaskSizes sizes;
    private final TextCollector collector;
    private Corpus corpus;

    NeedleMaker(AnswerRequest request, Stage stage, TaskSizes sizes) {
        this.request = request;
        this.options = request.options();
        this.stage = stage;
        this.sizes = sizes;
        this.collector = new TextCollector(
                request.text(request.inputs(), options.splits()), stage.runner(), stage.progress(), sizes.inputBytes());
    }

    @Override
    public void find() {
        corpus = collector.find();
        for (String split : options.splits()) {
            if (!corpus.splits().contains(split)) {
                throw new UserException("Cannot make " + options.examples(split) + " examples of the split " + split
                        + ": it has no text. Give it a share with --ratios, or no examples with --examples.");
            }
        }
    }

    @Override
    public Made make(String work) {
        SortedMap<String, Collected> collected = collector.collect(corpus, work);
        SortedMap<String, Long> shared = collector.shared(collected);
        SortedMap<String, List<MakeNeedles.Task>> tasks = new TreeMap<>();
        for (String split : options.splits()) {
            tasks.put(split, tasks(split, collected.get(split), work));
        }
        SortedMap<String, MadeSplit> splits = new TreeMap<>();
        stage.parts("hide needles", tasks, MakeNeedles::run)
                .forEach((split, parts) -> splits.put(split, new MadeSplit(parts, new TreeMap<>(), new TreeMap<>())));
        return new Made(manifestCorpus(shared), described(), splits);
    }

    private List<MakeNeedles.Task> tasks(String split, Collected texts, String work) {
        List<MakeNeedles.Task> tasks = new ArrayList<>();
        int examples = options.examples(split);
        long firstIndex = 0;
        for (int length : options.lengths(split)) {
            int perTask = (int) Math.max(1, sizes.partTokens() / length);
            for (int from = 0; from < examples; from += perTask) {
                tasks.add(new MakeNeedles.Task(
                        split,
                        texts.spools(),
                        options.needles(),
                        options.needleCount(),
                        length,
                        examples,
                        from,
                        Math.min(examples, from + perTask),
                        firstIndex,
                        request.tokenizer(),
                        request.seed(),
                        work + "/part-" + split + "-" + tasks.size()));
            }
            firstIndex += examples;
        }
        return tasks;
    }

    private SortedMap<String, String> described() {
        SortedMap<String, String> described = options.described(request.seed());
        described.put("text", corpus.kind().id());
        described.put("needles", options.needles().id());
        if (options.needles() != NeedleForm.SINGLE) {
            described.put("needle-count", Integer.toString(options.needleCount()));
        }
        return described;
    }

    private DatasetManifest.Corpus manifestCorpus(SortedMap<String, Long> shared) {
        return new DatasetManifest.Corpus(
                AnswerCorpusKind.NEEDLES.id(),
                corpus.name(),
                corpus.files().size(),
                corpus.bytes(),
                corpus.splitRule().describe(),
                LeftOutFiles.byReason(corpus.leftOut()),
                shared);
    }
}
