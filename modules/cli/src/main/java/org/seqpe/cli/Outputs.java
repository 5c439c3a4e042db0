package org.seqpe.cli;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.run.RunFolder;

/**
 * Checks that results can be written to the paths that the user gave, before the work that makes them. A trial file is
 * written and deleted again.
 */
final class Outputs {
    private Outputs() {}

    /**
     * @throws UserException if no folder can be made or written at this path, because it or a folder above it is a
     *     file, or because permission is missing
     */
    static void requireFolder(String path) {
        requireFolder(path, "--output");
    }

    /** @param option the command's option that names the path */
    private static void requireFolder(String path, String option) {
        Deque<String> folders = new ArrayDeque<>();
        String folder = HadoopFiles.qualified(path);
        for (String parent = HadoopFiles.parent(folder); !parent.equals("."); parent = HadoopFiles.parent(parent)) {
            folders.push(folder);
            folder = parent;
        }
        // Starts from the root, because HDFS does not answer questions about paths below a file.
        String last = folder;
        for (String above : folders) {
            if (!HadoopFiles.exists(above)) {
                break;
            }
            last = above;
            if (!HadoopFiles.isFolder(above)) {
                throw new UserException("Cannot write to " + path + ": expected a folder, found the file " + above
                        + "; choose another path with " + option + ".");
            }
        }
        tryToWrite(path, last, option);
    }

    private static void tryToWrite(String path, String existing, String option) {
        String trial = HadoopFiles.resolve(existing, ".seqpe-trial-" + UUID.randomUUID());
        try {
            HadoopFiles.writeAtomically(trial, "");
            HadoopFiles.delete(trial);
        } catch (UserException | UncheckedIOException e) {
            String reason = e.getMessage()
                    .substring(e.getMessage().lastIndexOf(": ") + 2)
                    .replaceFirst("\\.$", "");
            throw new UserException(
                    "Cannot write to " + path + ": " + existing + " cannot be written (" + reason
                            + "); choose another path with " + option + ".",
                    e);
        }
    }

    /**
     * @throws UserException if an existing run cannot be continued because permission is missing; a new run needs no
     *     check, because it writes immediately
     */
    static void requireRun(RunFolder run) {
        if (run.exists()) {
            for (String folder :
                    List.of(run.path(), HadoopFiles.resolve(run.path(), "checkpoints"), run.tensorboard())) {
                requireFolder(folder, "--run");
            }
        }
    }

    /** @throws UserException if a run's sweep.csv, sweep.json and report.html cannot be written to a folder */
    static void requireSweep(RunFolder folder) {
        requireFolder(folder.path());
        for (String file : List.of(folder.sweepCsv(), folder.sweepJson(), folder.report())) {
            requireNoFolder(file);
        }
    }

    private static void requireNoFolder(String path) {
        if (HadoopFiles.isFolder(path)) {
            throw new UserException("Cannot write " + path
                    + ": expected a file, found a folder; remove it, or choose another path with --output.");
        }
    }

    /** @throws UserException if no file can be written at this path */
    static void requireFile(String path) {
        if (HadoopFiles.isFolder(path)) {
            throw new UserException(
                    "Cannot write " + path + ": expected a file, found a folder; name a file in it, such as --output "
                            + HadoopFiles.resolve(path, "report.html") + ".");
        }
        requireFolder(HadoopFiles.parent(path));
    }
}
