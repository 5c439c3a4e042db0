package org.seqpe.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.CorpusKind;
import org.seqpe.data.corpus.Document;
import org.seqpe.data.corpus.DocumentReader;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.text.encoding.Nuls;
import org.seqpe.data.text.encoding.Utf8;

/**
 * First stage: reads files, checks their documents and sorts them by split into spool files of a few megabytes. All bad
 * input is found here, before any token is made.
 */
final class Collect {
    /**
     * Size of a spool file: small enough to keep all cores of a cluster busy in the next stage, whatever the sizes of
     * the input files.
     */
    private static final long SPOOL_BYTES = 1L << 22;

    private static final String EMPTY = "empty";
    private static final String INVALID_UTF8 = "invalid UTF-8";
    private static final String NULS = "NUL bytes";

    /**
     * @param kind layout of the files
     * @param textColumn the text column of Parquet files
     * @param files some of the corpus's files, in order
     * @param splitRule how documents are assigned to splits
     * @param skipInvalid whether documents of invalid UTF-8 are skipped
     * @param prefix beginning of the spool files' paths
     */
    record Task(
            CorpusKind kind,
            String textColumn,
            List<InputFile> files,
            SplitRule splitRule,
            boolean skipInvalid,
            String prefix) {}

    /**
     * @param problem what is wrong with the input, or empty
     * @param splits by name
     * @param remarks number of kept documents with something unusual, by what it is
     */
    record Result(String problem, SortedMap<String, Collected> splits, SortedMap<String, Long> remarks) {}

    private final Task task;
    private final String prefix;
    private final SortedMap<String, Spool> spools = new TreeMap<>();
    private final SortedMap<String, Long> remarks = new TreeMap<>();

    private Collect(Task task, String attempt) {
        this.task = task;
        this.prefix = task.prefix() + "-" + attempt;
    }

    static String run(String json, String attempt) {
        return Json.line(new Collect(Json.parse(json, Task.class, "a task of preparation"), attempt).run());
    }

    private Result run() {
        try {
            DocumentReader reader = DocumentReader.of(task.kind(), task.textColumn());
            for (InputFile file : task.files()) {
                reader.read(file, this::accept);
            }
            reader.finish(this::accept);
            SortedMap<String, Collected> collected = new TreeMap<>();
            spools.forEach((split, spool) -> collected.put(split, spool.finish()));
            return new Result("", collected, remarks);
        } catch (UserException e) {
            // Returns a result rather than failing, because a cluster would only try the same input again.
            return new Result(e.getMessage(), new TreeMap<>(), remarks);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        } finally {
            spools.values().forEach(Spool::close);
        }
    }

    private void accept(Document document) {
        byte[] text = document.text();
        String split = document.split().isEmpty() ? task.splitRule().splitOf(text) : document.split();
        Spool spool = spools.computeIfAbsent(
                split,
                name -> new Spool(
                        prefix + "-" + name, SPOOL_BYTES, task.splitRule().way() == SplitRule.Way.NAMED));
        int invalid = Utf8.firstInvalid(text);
        int nuls = Nuls.count(text);
        if (invalid >= 0) {
            refuseUnlessSkipped(
                    document,
                    invalid,
                    "it is no valid UTF-8. Convert the text (from Latin-1, for instance: iconv -f ISO-8859-1 -t UTF-8 FILE > NEW)");
            spool.skip(INVALID_UTF8);
        } else if (Nuls.areTooMany(nuls, text.length)) {
            refuseUnlessSkipped(
                    document,
                    firstNul(text),
                    nuls + " of the document's " + text.length + " bytes are NUL, so it is no text. Repair it");
            spool.skip(NULS);
        } else if (new String(text, StandardCharsets.UTF_8).isBlank()) {
            spool.skip(EMPTY);
        } else {
            if (nuls > 0) {
                remarks.merge(NULS, 1L, Long::sum);
            }
            spool.add(0, text);
        }
    }

    private void refuseUnlessSkipped(Document document, int at, String problem) {
        if (!task.skipInvalid()) {
            throw new UserException("Cannot read " + document.place().of(at) + ": " + problem
                    + ", or leave out such documents with --skip-invalid.");
        }
    }

    private static int firstNul(byte[] text) {
        int at = 0;
        while (text[at] != 0) {
            at++;
        }
        return at;
    }
}
