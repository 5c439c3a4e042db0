package org.seqpe.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.DatasetManifest;
import org.seqpe.data.corpus.Corpus;
import org.seqpe.data.corpus.CorpusFinder;
import org.seqpe.data.corpus.CorpusKind;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.TextFiles;
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
    /** Bytes of files per collecting task; small files are grouped. */
    private static final long TASK_BYTES = 1L << 26;

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
        this(request, runner, progress, unique, TASK_BYTES);
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
     * @throws UserException if the input or the output cannot be used; nothing is left behind then
     */
    public TokenDataset run() {
        output.check(progress);
        Corpus corpus = new CorpusFinder(request.textColumn(), request.ratios(), request.seed(), request.splits())
                .find(request.inputs(), request.corpus());
        LeftOutFiles.note(corpus.leftOut(), progress);
        output.create();
        try {
            SortedMap<String, Collected> collected =
                    collect(corpus.isCutByPosition() ? corpus.cut(lengths(corpus)) : corpus);
            requireDocuments(corpus, collected);
            SortedMap<String, Long> shared =
                    SharedContent.count(collected, "documents", String.join(", ", request.inputs()), progress);
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

    private List<Long> lengths(Corpus corpus) {
        progress.stage("measure", corpus.files().size());
        List<String> paths = corpus.files().stream()
                .map(file -> HadoopFiles.qualified(file.path()))
                .toList();
        List<Long> lengths = new ArrayList<>();
        for (String result : runner.run("measure", paths, Preparation::measure)) {
            Measured measured = Json.parse(result, Measured.class, "a task of preparation");
            requireNoProblem(measured.problem());
            lengths.add(measured.length());
        }
        return lengths;
    }

    private record Measured(String problem, long length) {}

    private static String measure(String path, String attempt) {
        try {
            return Json.line(new Measured("", TextFiles.length(path)));
        } catch (UserException e) {
            return Json.line(new Measured(e.getMessage(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private SortedMap<String, Collected> collect(Corpus corpus) {
        List<String> tasks = new ArrayList<>();
        for (List<InputFile> group : groups(corpus)) {
            String prefix = output.work() + "/text-" + tasks.size();
            tasks.add(Json.line(new Collect.Task(
                    corpus.kind(), request.textColumn(), group, corpus.splitRule(), request.skipInvalid(), prefix)));
        }
        progress.stage("collect", tasks.size());
        List<Collect.Result> results = runner.run("collect", tasks, Collect::run).stream()
                .map(json -> Json.parse(json, Collect.Result.class, "a task of preparation"))
                .toList();
        SortedMap<String, Collected> collected = new TreeMap<>();
        SortedMap<String, Long> remarks = new TreeMap<>();
        for (Collect.Result result : results) {
            requireNoProblem(result.problem());
            result.splits().forEach((split, found) -> collected.merge(split, found, Collected::join));
            result.remarks().forEach((what, count) -> remarks.merge(what, count, Long::sum));
        }
        remarks.forEach(
                (what, count) -> progress.note("Kept " + count + " documents that have something odd: " + what));
        return collected;
    }

    private static void requireNoProblem(String problem) {
        if (!problem.isEmpty()) {
            throw new UserException(problem);
        }
    }

    /** Runs of files of about {@link #taskBytes}; if articles may continue in the next file, all files of a split. */
    private List<List<InputFile>> groups(Corpus corpus) {
        List<InputFile> files = corpus.files().stream()
                .map(file -> new InputFile(
                        HadoopFiles.qualified(file.path()), file.name(), file.bytes(), file.split(), file.regions()))
                .toList();
        if (corpus.kind() != CorpusKind.WIKITEXT_PARQUET) {
            return Runs.of(files, InputFile::bytes, taskBytes);
        }
        Map<String, List<InputFile>> bySplit = new LinkedHashMap<>();
        files.forEach(file -> bySplit.computeIfAbsent(file.split(), split -> new ArrayList<>())
                .add(file));
        return List.copyOf(bySplit.values());
    }

    private void requireDocuments(Corpus corpus, SortedMap<String, Collected> collected) {
        SortedMap<String, Long> skipped = new TreeMap<>();
        collected.values().forEach(split -> split.skipped()
                .forEach((reason, count) -> skipped.merge(reason, count, Long::sum)));
        skipped.forEach((reason, count) -> progress.note("Left out " + count + " documents: " + reason));
        long documents =
                collected.values().stream().mapToLong(Collected::documents).sum();
        String where = String.join(", ", request.inputs());
        String left = skipped.isEmpty() ? "" : " (left out: " + skipped + ")";
        if (documents == 0) {
            throw new UserException("Cannot prepare " + where + ": there is no text in its "
                    + corpus.files().size() + " files" + left + ".");
        }
        for (String split : corpus.splits()) {
            if (!collected.containsKey(split) || collected.get(split).documents() == 0) {
                String remedy = corpus.splitRule().way() == SplitRule.Way.NAMED
                        ? "Fill it, or name the splits to make with --splits."
                        : "Give more text, or larger shares to the smaller splits.";
                throw new UserException(
                        "Cannot prepare " + where + ": the split " + split + " would be empty; " + documents
                                + " documents were split " + corpus.splitRule().describe() + left + ". " + remedy);
            }
        }
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
                new DatasetManifest.TokenizerInfo(
                        tokenizer.id(), tokenizer.hash(), tokenizer.vocabularySize(), tokenizer.endOfText()),
                separator,
                type,
                splits);
        HadoopFiles.writeAtomically(output.file(DatasetManifest.FILE), manifest.toJson());
    }
}
