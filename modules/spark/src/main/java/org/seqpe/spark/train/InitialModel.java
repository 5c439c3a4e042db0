package org.seqpe.spark.train;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.io.NamedArray;
import org.seqpe.core.io.Safetensors;
import org.seqpe.core.io.VectorFile;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parameters of another model, with which a run begins. */
final class InitialModel {
    private static final Logger LOG = LoggerFactory.getLogger(InitialModel.class);
    private static final String FILE_END = ".safetensors";
    /** GPT-2's files leave it out. */
    private static final String PREFIX = "transformer.";

    private InitialModel() {}

    /**
     * Replaces parameters by those of the same name. Others keep their starting values, and are named in a warning.
     *
     * @param source a run folder, whose best checkpoint is taken, or a safetensors file
     * @throws UserException if there is no such model, if none of its arrays has a place here, or if one has another
     *     shape
     */
    static void load(String source, List<NamedArray> arrays, Safetensors.Sink parameters) {
        VectorFile.Match match = VectorFile.readKnown(file(source), arrays, PREFIX, parameters);
        if (match.found().isEmpty()) {
            throw new UserException("Cannot begin with " + source + " (train.initial): expected arrays such as "
                    + arrays.get(0).name() + ", found " + match.unused() + ". Name a model of this architecture.");
        }
        if (!match.missing().isEmpty() || !match.unused().isEmpty()) {
            LOG.warn(
                    "Began with {} arrays of {}. Not in it, so they start anew: {}. In it, without a place here: {}.",
                    match.found().size(),
                    source,
                    match.missing(),
                    match.unused());
        }
    }

    private static String file(String source) {
        if (source.endsWith(FILE_END)) {
            return source;
        }
        Checkpoints checkpoints = new RunFolder(source).checkpoints();
        return checkpoints
                .best()
                .or(checkpoints::latest)
                .orElseThrow(() -> new UserException("Cannot begin with " + source
                        + " (train.initial): expected a run folder with a checkpoint, or a file that ends with "
                        + FILE_END + ", found neither."))
                .file(Checkpoints.MODEL);
    }
}
