package org.seqpe.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;

/** Finds out whether results can go where a user wants them, before the work that makes them. Nothing is written. */
final class Outputs {
    private Outputs() {
    }

    /** @throws UserException where no folder of this path can be made, because it or one above it is a file */
    static void requireFolder(String path) {
        Deque<String> folders = new ArrayDeque<>();
        String folder = HadoopFiles.qualified(path);
        for (String parent = HadoopFiles.parent(folder); !parent.equals("."); parent = HadoopFiles.parent(parent)) {
            folders.push(folder);
            folder = parent;
        }
        // From the root on: HDFS does not answer questions about what is below a file.
        for (String above : folders) {
            if (!HadoopFiles.exists(above)) {
                return;
            }
            if (!HadoopFiles.isFolder(above)) {
                throw new UserException("Cannot write to " + path + ": expected a folder, found the file " + above + "; choose another path with --output.");
            }
        }
    }

    /** @throws UserException where no file of this path can be written */
    static void requireFile(String path) {
        if (HadoopFiles.isFolder(path)) {
            throw new UserException("Cannot write " + path + ": expected a file, found a folder; name a file in it, such as --output "
                    + HadoopFiles.resolve(path, "report.html") + ".");
        }
        requireFolder(HadoopFiles.parent(path));
    }
}
