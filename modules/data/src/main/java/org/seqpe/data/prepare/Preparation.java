package org.seqpe.data.prepare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.Corpus;
import org.seqpe.data.shard.ShardInfo;
import org.seqpe.data.shard.TokenType;
import org.seqpe.data.text.encoding.TextCounts;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.data.tokenizer.Tokenizers;

/**
 * Makes a dataset: finds the corpus, then collects its documents, tokenizes them and joins the parts into shards. Only
 * the input decides what a task does, so the dataset's bytes do not depend on where the tasks run. Everything is
 * written to a folder beside the output, which is renamed at the end; an existing dataset stays until then. The folder
 * needs space for the decompressed text and twice the space of its tokens.
 */
public final class Preparation {
    private final PrepareRequest request;
    private final TaskRunner runner;
    private final PrepareProgress progress;
    private final Tokenizer tokenizer;
    private final TokenType type;
    private final int separator;
    private final Output output;
    private final long taskBytes;

    /**
     * @param request what to make
     * @param runner runs the tasks
     * @param progress receives progress reports
     * @param unique a name that no other preparation now running has
     */
    public Preparation(PrepareRequest request, TaskRunner runner, PrepareProgress progress, String unique) {
        this(request, runner, progress, unique, TextCollector.TASK_BYTES);
    }

    /** @param taskBytes bytes of files at which a collecting task is full */
    Preparation(PrepareRequest request, TaskRunner runner, PrepareProgress progress, String unique, long taskBytes) {
        this.taskBytes = taskBytes;
        this.request = request;
        this.runner = runner;
        this.progress = progress;
        this.tokenizer = Tokenizers.of(request.tokenizer());
        this.type = TokenType.of(tokenizer.vocabularySize());
        this.separator = request.separator().token(tokenizer);
        this.output = new Output(request.output(), request.overwrite(), unique);
    }

    /**
     * Prepares the dataset.
     *
     * @throws org.seqpe.core.UserException if the input or the output cannot be used; nothing is left behind then
     */
    public TokenDataset run() {
        output.check(progress);
        TextCollector collector = new TextCollector(request, runner, progress, taskBytes);
        Corpus corpus = collector.find();
        output.create();
        try {
            SortedMap<String, Collected> collected = collector.collect(corpus, output.work());
            SortedMap<String, Long> shared = collector.shared(collected);
            SortedMap<String, List<ShardInfo>> shards = merge(tokenize(collected));
            SortedMap<String, DatasetManifest.Split> splits = new TreeMap<>();
            shards.forEach((split, infos) -> splits.put(split, split(collected.get(split), infos)));
            writeManifest(corpus, shared, splits);
            output.publish();
        } catch (RuntimeException e) {
            output.discard(e);
            throw e;
        }
        return TokenDataset.open(request.output());
    }

    private SortedMap<String, List<ShardInfo>> tokenize(SortedMap<String, Collected> collected) {
        List<String> tasks = new ArrayList<>();
        collected.values().forEach(split -> split.spools()
                .forEach(spool -> tasks.add(Json.line(new Tokenize.Task(
                        spool, request.tokenizer(), separator, output.work() + "/part-" + tasks.size())))));
        progress.stage("tokenize", tasks.size());
        List<ShardInfo> results = runner.run("tokenize", tasks, Tokenize::run).stream()
                .map(json -> Json.parse(json, ShardInfo.class, "a task of preparation"))
                .toList();
        SortedMap<String, List<ShardInfo>> parts = new TreeMap<>();
        int next = 0;
        for (var split : collected.entrySet()) {
            int end = next + split.getValue().spools().size();
            parts.put(split.getKey(), results.subList(next, end));
            next = end;
        }
        return parts;
    }

    private SortedMap<String, List<ShardInfo>> merge(SortedMap<String, List<ShardInfo>> parts) {
        List<String> tasks = new ArrayList<>();
        List<String> splitOfTask = new ArrayList<>();
        parts.forEach((split, all) -> Runs.of(all, ShardInfo::tokens, request.shardTokens())
                .forEach(shard -> {
                    tasks.add(Json.line(new Merge.Task(shard, type, output.work() + "/shard-" + tasks.size())));
                    splitOfTask.add(split);
                }));
        progress.stage("merge", tasks.size());
        List<String> results = runner.run("merge", tasks, Merge::run);
        SortedMap<String, List<ShardInfo>> shards = new TreeMap<>();
        for (int i = 0; i < results.size(); i++) {
            ShardInfo written = Json.parse(results.get(i), ShardInfo.class, "a task of preparation");
            List<ShardInfo> ofSplit = shards.computeIfAbsent(splitOfTask.get(i), split -> new ArrayList<>());
            String name = String.format(Locale.ROOT, "%s-%05d", splitOfTask.get(i), ofSplit.size());
            for (String extension : List.of(".bin", ".idx", ".counts")) {
                HadoopFiles.rename(written.name() + extension, output.file(name + extension));
            }
            ofSplit.add(written.named(name));
        }
        return shards;
    }

    private static DatasetManifest.Split split(Collected collected, List<ShardInfo> shards) {
        TextCounts text = shards.stream().map(ShardInfo::text).reduce(TextCounts.ZERO, TextCounts::plus);
        long tokens = shards.stream().mapToLong(ShardInfo::tokens).sum();
        return new DatasetManifest.Split(collected.documents(), tokens, text, collected.skipped(), shards);
    }

    private void writeManifest(
            Corpus corpus, SortedMap<String, Long> shared, SortedMap<String, DatasetManifest.Split> splits) {
        DatasetManifest manifest = new DatasetManifest(
                DatasetManifest.FORMAT_VERSION,
                new DatasetManifest.Corpus(
                        corpus.kind().id(),
                        corpus.name(),
                        corpus.files().size(),
                        corpus.bytes(),
                        corpus.splitRule().describe(),
                        LeftOutFiles.byReason(corpus.leftOut()),
                        shared),
                DatasetManifest.TokenizerInfo.of(tokenizer),
                separator,
                type,
                splits);
        HadoopFiles.writeAtomically(output.file(DatasetManifest.FILE), manifest.toJson());
    }
}
