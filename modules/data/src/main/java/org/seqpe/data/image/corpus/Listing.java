package org.seqpe.data.image.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.io.Json;
import org.seqpe.data.corpus.InputFile;
import org.seqpe.data.prepare.PrepareProgress;
import org.seqpe.data.prepare.TaskRunner;

/**
 * Looks into archives and tables, one task a file, before the pictures are read: what members there are, or what
 * labels.
 */
final class Listing {
    private static final String STAGE = "list";
    private static final String WHERE = "a task of preparation";

    private final TaskRunner runner;
    private final PrepareProgress progress;

    private record MembersTask(String path, long bytes) {}

    private record Members(String problem, List<TarMembers.Member> members) {}

    private record LabelsTask(String path, ImageColumns columns) {}

    private record Labels(String problem, ParquetPictures.Labels labels) {}

    Listing(TaskRunner runner, PrepareProgress progress) {
        this.runner = runner;
        this.progress = progress;
    }

    /** The files in a tar archive. */
    List<TarMembers.Member> members(InputFile tar) {
        String task = Json.line(new MembersTask(HadoopFiles.qualified(tar.path()), tar.bytes()));
        progress.stage(STAGE, 1);
        Members found =
                Json.parse(runner.run(STAGE, List.of(task), Listing::list).get(0), Members.class, WHERE);
        requireNoProblem(found.problem());
        return found.members();
    }

    private static String list(String json, String attempt) {
        MembersTask task = Json.parse(json, MembersTask.class, WHERE);
        try {
            return Json.line(new Members("", TarMembers.list(task.path(), task.bytes())));
        } catch (UserException e) {
            return Json.line(new Members(e.getMessage(), List.of()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + task.path() + ": " + e.getMessage(), e);
        }
    }

    /** The labels in Parquet files, in the order of the files. */
    List<ParquetPictures.Labels> labels(List<InputFile> tables, ImageColumns columns) {
        List<String> tasks = tables.stream()
                .map(table -> Json.line(new LabelsTask(HadoopFiles.qualified(table.path()), columns)))
                .toList();
        progress.stage(STAGE, tasks.size());
        List<ParquetPictures.Labels> all = new ArrayList<>();
        for (String result : runner.run(STAGE, tasks, Listing::look)) {
            Labels found = Json.parse(result, Labels.class, WHERE);
            requireNoProblem(found.problem());
            all.add(found.labels());
        }
        return all;
    }

    private static String look(String json, String attempt) {
        LabelsTask task = Json.parse(json, LabelsTask.class, WHERE);
        try {
            return Json.line(new Labels("", ParquetPictures.labels(task.path(), task.columns())));
        } catch (UserException e) {
            return Json.line(new Labels(e.getMessage(), new ParquetPictures.Labels(List.of(), false, List.of())));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + task.path() + ": " + e.getMessage(), e);
        }
    }

    private static void requireNoProblem(String problem) {
        if (!problem.isEmpty()) {
            throw new UserException(problem);
        }
    }
}
