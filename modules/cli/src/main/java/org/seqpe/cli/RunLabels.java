package org.seqpe.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.run.RunFolder;
import org.seqpe.evaluation.SweepRow;

/** Labels for compared runs in tables and plots: each run's name, or its folder if several runs share a name. */
final class RunLabels {
    private final Map<RunFolder, String> labels = new LinkedHashMap<>();

    /** @throws UserException if a folder is not a run, or is named twice */
    RunLabels(List<RunFolder> runs) {
        List<String> names = runs.stream().map(run -> run.config().name()).toList();
        List<String> paths =
                runs.stream().map(run -> HadoopFiles.qualified(run.path())).toList();
        for (int i = 0; i < runs.size(); i++) {
            if (paths.indexOf(paths.get(i)) < i) {
                throw new UserException("Cannot compare " + runs.get(i).path()
                        + " with itself: expected different run folders, found it twice; name it once.");
            }
            String name = names.get(i);
            labels.put(
                    runs.get(i),
                    names.stream().filter(name::equals).count() == 1
                            ? name
                            : runs.get(i).path());
        }
    }

    String of(RunFolder run) {
        return labels.get(run);
    }

    /** Replaces the run's name by its label in rows from the run's own files. */
    <R extends SweepRow> List<R> label(RunFolder run, List<R> rows, Class<R> type) {
        String name = run.config().name();
        return rows.stream()
                .map(row -> row.run().equals(name) ? type.cast(row.withRun(of(run))) : row)
                .toList();
    }
}
