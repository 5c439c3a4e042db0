package org.seqpe.cli;

import org.seqpe.core.UserException;
import org.seqpe.core.run.Checkpoints;
import org.seqpe.core.run.Checkpoints.Checkpoint;
import org.seqpe.core.run.RunFolder;

/** The checkpoint of a run that a command uses. */
enum CheckpointChoice {
    /** That of the lowest validation loss; the latest where none was measured. */
    BEST,
    /** That of the last step. */
    LATEST;

    /** @throws UserException if the run has no checkpoint */
    Checkpoint of(RunFolder run) {
        Checkpoints checkpoints = run.checkpoints();
        return (this == LATEST ? checkpoints.latest() : checkpoints.best().or(checkpoints::latest))
                .orElseThrow(() ->
                        new UserException("Cannot use " + run.path() + ": it has no checkpoint yet; train it first."));
    }
}
