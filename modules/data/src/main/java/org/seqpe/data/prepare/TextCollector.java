package org.seqpe.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.Corpus;
import org.seqpe.data.corpus.CorpusFinder;
import org.seqpe.data.corpus.CorpusKind;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.corpus.TextFiles;

/** Finds the documents of a corpus of text and sorts them by split into spool files. */
public final class TextCollector {
    /** Bytes of files per collecting task; small files are grouped. */
    public static final long TASK_BYTES = 1L << 26;

    private final PrepareRequest request;
    private final TaskRunner runner;
    private final PrepareProgress progress;
    private final long taskBytes;

    /**
     * @param request says which text, and how it is split
     * @param runner runs the tasks
     * @param progress receives progress reports
     * @param taskBytes bytes of files at which a task is full
     */
    public TextCollector(PrepareRequest request, TaskRunner runner, PrepareProgress progress, long taskBytes) {
        this.request = request;
        this.runner = runner;
        this.progress = progress;
        this.taskBytes = taskBytes;
    }

    /**
     * Finds the files, and names those that are left out.
     *
     * @throws UserException if there are none, or a split has none
     */
    public Corpus find() {
        Corpus corpus = new CorpusFinder(request.textColumn(), request.ratios(), request.seed(), request.splits())
                .find(request.inputs(), request.corpus());
        LeftOutFiles.note(corpus.leftOut(), progress);
        return corpus;
    }

    /**
     * Reads the documents into files.
     *
     * @param work the folder for the files
     * @return what was found, by split
     * @throws UserException if the text cannot be used, or a split would be empty
     */
    public SortedMap<String, Collected> collect(Corpus corpus, String work) {
        SortedMap<String, Collected> collected =
                read(corpus.isCutByPosition() ? corpus.cut(lengths(corpus)) : corpus, work);
        requireDocuments(corpus, collected);
        return collected;
    }

    /**
     * Counts the documents that are in several splits, by a description of the overlap.
     *
     * @throws UserException if all of a split is in another one too
     */
    public SortedMap<String, Long> shared(SortedMap<String, Collected> collected) {
        return SharedContent.count(collected, "documents", String.join(", ", request.inputs()), progress);
    }

    private List<Long> lengths(Corpus corpus) {
        progress.stage("measure", corpus.files().size());
        List<String> paths = corpus.files().stream()
                .map(file -> HadoopFiles.qualified(file.path()))
                .toList();
        List<Long> lengths = new ArrayList<>();
        for (String result : runner.run("measure", paths, TextCollector::measure)) {
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

    private SortedMap<String, Collected> read(Corpus corpus, String work) {
        List<String> tasks = new ArrayList<>();
        for (List<InputFile> group : groups(corpus)) {
            String prefix = work + "/text-" + tasks.size();
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
}
