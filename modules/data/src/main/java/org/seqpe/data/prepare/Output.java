package org.seqpe.data.prepare;

import org.seqpe.core.UserException;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.ManifestFile;

/**
 * The folder that becomes the dataset: it is written under another name beside it and renamed when everything is done,
 * so that an existing dataset stays until then.
 */
public final class Output {
    /** The text between the dataset's name and the unique name of the preparation. */
    private static final String UNFINISHED = ".preparing-";

    private final String dataset;
    private final boolean overwrite;
    private final String folder;

    /**
     * @param path the dataset's
     * @param unique a name that no other preparation now running has
     */
    public Output(String path, boolean overwrite, String unique) {
        // Tasks may run on machines with another default file system.
        this.dataset = HadoopFiles.qualified(path);
        this.overwrite = overwrite;
        this.folder = dataset + UNFINISHED + unique;
    }

    /** Refuses an output folder that is taken, and reports what other preparations left behind. */
    public void check(PrepareProgress progress) {
        if (HadoopFiles.exists(dataset) && !ManifestFile.isIn(dataset)) {
            throw new UserException(
                    "Cannot prepare into " + dataset + ": it exists and is no dataset. Choose another output folder.");
        }
        if (HadoopFiles.exists(dataset) && !overwrite) {
            throw new UserException("Cannot prepare into " + dataset
                    + ": a dataset is there already. Choose another output folder, or replace it with --overwrite.");
        }
        String beginning = dataset.substring(dataset.lastIndexOf('/') + 1) + UNFINISHED;
        for (HadoopFiles.Entry entry : HadoopFiles.list(HadoopFiles.parent(dataset))) {
            if (entry.name().startsWith(beginning)) {
                progress.note(entry.path()
                        + " belongs to another preparation of this dataset; delete it if that was broken off.");
            }
        }
    }

    public void create() {
        HadoopFiles.createFolders(work());
    }

    /** The folder for files that only other tasks need. */
    public String work() {
        return HadoopFiles.resolve(folder, "work");
    }

    /** The path of a file of the dataset, until it is published. */
    public String file(String name) {
        return HadoopFiles.resolve(folder, name);
    }

    /**
     * Gives the dataset its name. An old dataset is moved aside first, so that a failure leaves one of the two
     * complete.
     */
    public void publish() {
        HadoopFiles.delete(work());
        if (!HadoopFiles.exists(dataset)) {
            HadoopFiles.renameFolder(folder, dataset);
            return;
        }
        String old = folder + "-old";
        HadoopFiles.renameFolder(dataset, old);
        try {
            HadoopFiles.renameFolder(folder, dataset);
        } catch (RuntimeException e) {
            HadoopFiles.renameFolder(old, dataset);
            throw e;
        }
        HadoopFiles.delete(old);
    }

    /** Deletes what was written, after a failure. */
    public void discard(RuntimeException failure) {
        HadoopFiles.deleteQuietly(folder, failure);
    }
}
