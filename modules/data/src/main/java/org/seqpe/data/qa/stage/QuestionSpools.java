package org.seqpe.data.qa.stage;

import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.Spool;
import org.seqpe.data.qa.corpus.QuestionException;

/** Sorts the questions that a task reads by split into spool files, and accounts for those that are left out. */
public final class QuestionSpools implements Closeable {

    /**
     * What a task found.
     *
     * @param problem what is wrong with the input, or empty
     * @param splits by name
     * @param remarks number of kept questions with something unusual, by split and what it is
     * @param examples places of the first few that are left out, by reason
     * @param paragraphs the texts that the questions are about, by split, if they are asked for
     */
    public record Found(
            String problem,
            SortedMap<String, Collected> splits,
            SortedMap<String, SortedMap<String, Long>> remarks,
            SortedMap<String, List<String>> examples,
            SortedMap<String, Collected> paragraphs) {

        /** Nothing yet, or nothing because of a problem. */
        public static Found nothing(String problem) {
            return new Found(problem, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        }

        /** Adds what the next task found. */
        public void add(Found next) {
            next.splits.forEach((split, found) -> splits.merge(split, found, Collected::join));
            next.paragraphs.forEach((split, found) -> paragraphs.merge(split, found, Collected::join));
            next.remarks.forEach((split, counts) -> counts.forEach((what, count) ->
                    remarks.computeIfAbsent(split, name -> new TreeMap<>()).merge(what, count, Long::sum)));
            next.examples.forEach((reason, places) ->
                    examples.computeIfAbsent(reason, name -> new ArrayList<>()).addAll(places));
        }
    }

    private final SplitRule splitRule;
    private final String prefix;
    private final long spoolBytes;
    private final SortedMap<String, Spool> spools = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, Long>> remarks = new TreeMap<>();
    private final SortedMap<String, List<String>> examples = new TreeMap<>();

    /**
     * @param splitRule how questions are assigned to splits
     * @param prefix beginning of the files' paths
     * @param spoolBytes a file is closed once it has this many bytes
     */
    QuestionSpools(SplitRule splitRule, String prefix, long spoolBytes) {
        this.splitRule = splitRule;
        this.prefix = prefix;
        this.spoolBytes = spoolBytes;
    }

    /**
     * The split of a question.
     *
     * @param content decides if the file does not name a split: questions of equal content share a split
     */
    String split(InputFile file, byte[] content) {
        return file.split().isEmpty() ? splitRule.splitOf(content) : file.split();
    }

    /**
     * Keeps a question.
     *
     * @param question a record, written as JSON
     * @param compared by what it is compared with questions of other splits
     */
    void add(String split, Object question, byte[] compared) {
        spool(split).add(0, Json.line(question).getBytes(StandardCharsets.UTF_8), compared);
    }

    /** Notes something unusual about a question that is kept. */
    void remark(String split, String what) {
        remarks.computeIfAbsent(split, name -> new TreeMap<>()).merge(what, 1L, Long::sum);
    }

    /** Counts a question that is left out because its kind always is. */
    void skip(String split, String reason) {
        spool(split).skip(reason);
    }

    /**
     * Counts a question that cannot be used.
     *
     * @throws UserException unless such questions are skipped
     */
    void leaveOut(String split, String place, QuestionException problem, boolean skipInvalid) {
        if (!skipInvalid) {
            throw new UserException(
                    problem.getMessage() + ", or leave out such questions with --skip-invalid.", problem);
        }
        String reason = problem.reason().words();
        spool(split).skip(reason);
        List<String> places = examples.computeIfAbsent(reason, name -> new ArrayList<>());
        // One more than a note names, so that the note says that there are more.
        if (places.size() <= Examples.NAMED) {
            places.add(place);
        }
    }

    private Spool spool(String split) {
        return spools.computeIfAbsent(
                split, name -> new Spool(prefix + "-" + name, spoolBytes, splitRule.way() == SplitRule.Way.NAMED));
    }

    Found finish() {
        SortedMap<String, Collected> collected = new TreeMap<>();
        spools.forEach((split, spool) -> collected.put(split, spool.finish()));
        return new Found("", collected, remarks, examples, new TreeMap<>());
    }

    @Override
    public void close() {
        spools.values().forEach(Spool::close);
    }
}
