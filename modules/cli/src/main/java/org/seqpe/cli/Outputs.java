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
 * Finds out whether results can go where a user wants them, before the work that makes them. A file is written on trial
 * and deleted again.
 */
final class Outputs {
    private Outputs() {}

    /**
     * @throws UserException where no folder of this path can be made or written, because it or one above it is a file,
     *     or for want of permission
     */
    static void requireFolder(String path) {
        requireFolder(path, "--output");
    }

    /** @param option of the command that names the path */
    private static void requireFolder(String path, String option) {
        Deque<String> folders = new ArrayDeque<>();
        String folder = HadoopFiles.qualified(path);
        for (String parent = HadoopFiles.parent(folder); !parent.equals("."); parent = HadoopFiles.parent(parent)) {
            folders.push(folder);
            folder = parent;
        }
        // From the root on: HDFS does not answer questions about what is below a file.
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
     * @throws UserException where a run that is there cannot be continued for want of permission; one that is begun
     *     writes at once
     */
    static void requireRun(RunFolder run) {
        if (run.exists()) {
            for (String folder :
                    List.of(run.path(), HadoopFiles.resolve(run.path(), "checkpoints"), run.tensorboard())) {
                requireFolder(folder, "--run");
            }
        }
    }

    /** @throws UserException where a run's sweep.csv, sweep.json and report.html cannot be written to a folder */
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

    /** @throws UserException where no file of this path can be written */
    static void requireFile(String path) {
        if (HadoopFiles.isFolder(path)) {
            throw new UserException(
                    "Cannot write " + path + ": expected a file, found a folder; name a file in it, such as --output "
                            + HadoopFiles.resolve(path, "report.html") + ".");
        }
        requireFolder(HadoopFiles.parent(path));
    }
}
