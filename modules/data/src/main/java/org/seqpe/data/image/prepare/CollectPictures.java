package org.seqpe.data.image.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.seqpe.core.UserException;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.SplitRule;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.PictureException;
import org.seqpe.data.image.corpus.ImageColumns;
import org.seqpe.data.image.corpus.PictureSource;
import org.seqpe.data.image.corpus.Piece;
import org.seqpe.data.prepare.Collected;
import org.seqpe.data.prepare.Examples;
import org.seqpe.data.prepare.Spool;

/**
 * First stage: reads pieces of a corpus, decodes every picture once, and sorts those that can be decoded by split into
 * spool files, reduced if that is asked for. The number of a record is that of the picture's class.
 */
final class CollectPictures implements PictureSource.Sink {

    /**
     * @param pieces some of the corpus's pieces, in order
     * @param columns where Parquet files have pictures and labels
     * @param labels the number of the class of each label
     * @param splitRule how pictures are assigned to splits
     * @param skipInvalid whether files that are no pictures are skipped
     * @param shortSide pixels of the short side to which larger pictures are reduced, or 0
     * @param spoolBytes a spool file is closed once it has this many bytes
     * @param prefix beginning of the spool files' paths
     */
    record Task(
            List<Piece> pieces,
            ImageColumns columns,
            Map<String, Integer> labels,
            SplitRule splitRule,
            boolean skipInvalid,
            int shortSide,
            long spoolBytes,
            String prefix) {}

    /**
     * @param problem what is wrong with the input, or empty
     * @param splits by name
     * @param classes how many pictures of each class a split has, by split and number of the class
     * @param examples the first few that are left out, by reason
     */
    record Result(
            String problem,
            SortedMap<String, Collected> splits,
            SortedMap<String, SortedMap<Integer, Long>> classes,
            SortedMap<String, List<String>> examples) {}

    private static final byte[] NOTHING = {};

    private final Task task;
    private final String prefix;
    private final SortedMap<String, Spool> spools = new TreeMap<>();
    private final SortedMap<String, SortedMap<Integer, Long>> classes = new TreeMap<>();
    private final SortedMap<String, List<String>> examples = new TreeMap<>();
    private Piece piece;

    private CollectPictures(Task task, String attempt) {
        this.task = task;
        this.prefix = task.prefix() + "-" + attempt;
    }

    static String run(String json, String attempt) {
        return Json.line(new CollectPictures(Json.parse(json, Task.class, "a task of preparation"), attempt).run());
    }

    private Result run() {
        try {
            PictureSource source = new PictureSource(task.columns(), task.labels());
            for (Piece next : task.pieces()) {
                piece = next;
                source.read(next, this);
            }
            SortedMap<String, Collected> collected = new TreeMap<>();
            spools.forEach((split, spool) -> collected.put(split, spool.finish()));
            return new Result("", collected, classes, examples);
        } catch (UserException e) {
            // Returns a result rather than failing, because a cluster would only try the same input again.
            return new Result(e.getMessage(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + piece.path() + ": " + e.getMessage(), e);
        } finally {
            spools.values().forEach(Spool::close);
        }
    }

    @Override
    public void picture(String place, int label, byte[] picture) {
        byte[] kept;
        try {
            kept = Reduction.of(picture, PictureDecoder.decode(picture), task.shortSide());
        } catch (PictureException e) {
            leaveOut(place, picture, e.reason().words(), e.getMessage());
            return;
        }
        String split = split(picture);
        spool(split).add(label, kept);
        classes.computeIfAbsent(split, name -> new TreeMap<>()).merge(label, 1L, Long::sum);
    }

    @Override
    public void skip(String place, String reason) {
        leaveOut(place, NOTHING, reason, reason);
    }

    private void leaveOut(String place, byte[] content, String reason, String problem) {
        if (!task.skipInvalid()) {
            throw new UserException("Cannot read " + place + " as a picture: " + problem
                    + ". Replace it or take it out, or leave out such files with --skip-invalid.");
        }
        spool(split(content)).skip(reason);
        List<String> named = examples.computeIfAbsent(reason, name -> new ArrayList<>());
        // One more than a note names, so that the note says that there are more.
        if (named.size() <= Examples.NAMED) {
            named.add(place);
        }
    }

    private String split(byte[] content) {
        return piece.split().isEmpty() ? task.splitRule().splitOf(content) : piece.split();
    }

    private Spool spool(String split) {
        return spools.computeIfAbsent(
                split,
                name -> new Spool(
                        prefix + "-" + name, task.spoolBytes(), task.splitRule().way() == SplitRule.Way.NAMED));
    }
}
