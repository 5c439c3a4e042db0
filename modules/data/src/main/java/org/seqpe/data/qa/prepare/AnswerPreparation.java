package org.seqpe.data.qa.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.ManifestFile;
import org.seqpe.data.prepare.Output;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.Runs;
import org.seqpe.data.prepare.TaskRunner;
import org.seqpe.data.qa.AnswerCounts;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerManifest;
import org.seqpe.data.qa.AnswerShardInfo;
import org.seqpe.data.qa.corpus.AnswerCorpusKind;
import org.seqpe.data.qa.stage.MergeParts;
import org.seqpe.data.qa.stage.Part;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/**
 * Makes a dataset of questions and answers: an {@link AnswerMaker} makes examples in parts, which are joined into
 * shards. Only the input decides what a task does, so the dataset's bytes do not depend on where the tasks run.
 * Everything is written to a folder beside the output, which is renamed at the end; an existing dataset stays until
 * then.
 */
public final class AnswerPreparation {
    private final AnswerRequest request;
    private final Stage stage;
    private final Tokenizer tokenizer;
    private final TokenType type;
    private final Output output;
    private final AnswerMaker maker;

    /**
     * @param request what to make
     * @param runner runs the tasks
     * @param progress receives progress reports
     * @param unique a name that no other preparation now running has
     */
    public AnswerPreparation(AnswerRequest request, TaskRunner runner, PrepareProgress progress, String unique) {
        this(request, runner, progress, unique, TaskSizes.DEFAULT);
    }

    AnswerPreparation(
            AnswerRequest request, TaskRunner runner, PrepareProgress progress, String unique, TaskSizes sizes) {
        this.request = request;
        this.stage = new Stage(runner, progress);
        this.tokenizer = Tokenizers.of(request.tokenizer());
        this.type = TokenType.of(tokenizer.vocabularySize());
        this.output = new Output(request.output(), request.overwrite(), unique);
        this.maker = maker(sizes);
    }

    private AnswerMaker maker(TaskSizes sizes) {
        if (request.corpus().equals(AnswerCorpusKind.NEEDLES.id())) {
            return new NeedleMaker(request, stage, sizes);
        }
        return request.options().padTo().isEmpty()
                ? new QuestionMaker(request, stage, sizes)
                : new PaddedMaker(request, stage, sizes);
    }

    /**
     * Prepares the dataset.
     *
     * @throws UserException if the input or the output cannot be used; nothing is left behind then
     */
    public AnswerDataset run() {
        output.check(stage.progress());
        maker.find();
        output.create();
        try {
            AnswerMaker.Made made = maker.make(output.work());
            SortedMap<String, SortedMap<String, Long>> skipped = new TreeMap<>();
            made.splits().forEach((name, split) -> skipped.put(name, skipped(split)));
            noteSkipped(made, skipped);
            requireExamples(made, skipped);
            SortedMap<String, List<AnswerShardInfo>> shards = merge(made);
            SortedMap<String, AnswerManifest.Split> splits = new TreeMap<>();
            shards.forEach((name, infos) -> splits.put(
                    name,
                    new AnswerManifest.Split(
                            counts(infos),
                            skipped.get(name),
                            made.splits().get(name).remarks(),
                            infos)));
            writeManifest(made, splits);
            output.publish();
        } catch (RuntimeException e) {
            output.discard(e);
            throw e;
        }
        return AnswerDataset.open(request.output());
    }

    private static SortedMap<String, Long> skipped(AnswerMaker.MadeSplit split) {
        SortedMap<String, Long> skipped = new TreeMap<>(split.skipped());
        split.parts()
                .forEach(part -> part.skipped().forEach((reason, count) -> skipped.merge(reason, count, Long::sum)));
        return skipped;
    }

    private void noteSkipped(AnswerMaker.Made made, SortedMap<String, SortedMap<String, Long>> skipped) {
        skipped.forEach((split, byReason) -> byReason.forEach((reason, count) ->
                stage.progress().note("Left out " + count + " questions of the split " + split + ": " + reason)));
        made.splits().forEach((split, found) -> found.remarks().forEach((what, count) -> stage.progress()
                .note("Kept " + count + " questions of the split " + split + " that have something odd: " + what)));
    }

    private void requireExamples(AnswerMaker.Made made, SortedMap<String, SortedMap<String, Long>> skipped) {
        made.splits().forEach((name, split) -> {
            if (split.parts().stream().allMatch(part -> part.shard().counts().examples() == 0)) {
                throw new UserException("Cannot prepare " + String.join(", ", request.inputs()) + ": the split " + name
                        + " would be empty; left out: " + skipped.get(name) + "; questions are split "
                        + made.corpus().splitRule()
                        + ". Give more questions or a larger share to this split, or name the splits to make with"
                        + " --splits.");
            }
        });
    }

    private static AnswerCounts counts(List<AnswerShardInfo> shards) {
        return shards.stream().map(AnswerShardInfo::counts).reduce(AnswerCounts.ZERO, AnswerCounts::plus);
    }

    private SortedMap<String, List<AnswerShardInfo>> merge(AnswerMaker.Made made) {
        SortedMap<String, List<MergeParts.Task>> tasks = new TreeMap<>();
        made.splits().forEach((split, found) -> {
            List<AnswerShardInfo> parts =
                    found.parts().stream().map(Part::shard).toList();
            List<MergeParts.Task> ofSplit = new ArrayList<>();
            for (List<AnswerShardInfo> shard :
                    Runs.of(parts, part -> part.counts().tokens(), request.shardTokens())) {
                ofSplit.add(new MergeParts.Task(shard, type, output.work() + "/shard-" + split + "-" + ofSplit.size()));
            }
            tasks.put(split, ofSplit);
        });
        SortedMap<String, List<AnswerShardInfo>> shards = new TreeMap<>();
        stage.run("merge", tasks, MergeParts::run, AnswerShardInfo.class).forEach((split, written) -> {
            List<AnswerShardInfo> named = new ArrayList<>();
            for (AnswerShardInfo shard : written) {
                String name = String.format(Locale.ROOT, "%s-%05d", split, named.size());
                for (String extension : List.of(".bin", ".idx", AnswerShardInfo.JSONL)) {
                    HadoopFiles.rename(shard.name() + extension, output.file(name + extension));
                }
                named.add(shard.named(name));
            }
            shards.put(split, named);
        });
        return shards;
    }

    private void writeManifest(AnswerMaker.Made made, SortedMap<String, AnswerManifest.Split> splits) {
        AnswerManifest manifest = new AnswerManifest(
                ManifestFile.Kind.ANSWERS.id(),
                AnswerManifest.FORMAT_VERSION,
                made.corpus(),
                made.options(),
                DatasetManifest.TokenizerInfo.of(tokenizer),
                type,
                splits);
        HadoopFiles.writeAtomically(output.file(ManifestFile.NAME), manifest.toJson());
    }
}
