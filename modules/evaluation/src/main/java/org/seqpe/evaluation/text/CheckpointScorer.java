package org.seqpe.evaluation.text;

import java.util.Optional;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.evaluation.CheckpointModel;
import org.seqpe.model.text.LanguageModel;

/** Scores windows with the model of a checkpoint, on a device of its own. */
public final class CheckpointScorer implements TokenScorer {
    private final CheckpointModel model;
    private final LanguageModelScorer scorer;

    private CheckpointScorer(CheckpointModel model, LanguageModelScorer scorer) {
        this.model = model;
        this.scorer = scorer;
    }

    /** The same as the other {@code open}, on the driver's device. */
    public static CheckpointScorer open(RunConfig config, String file) {
        return open(config, DeviceSpec.ofDriver(config), file);
    }

    /**
     * Loads the model.
     *
     * @param config of the run, with the vocabulary set
     * @param on what to compute on
     * @param file the checkpoint's {@link org.seqpe.core.run.Checkpoints#MODEL}
     * @throws UserException if the file does not hold the model that the configuration describes
     */
    public static CheckpointScorer open(RunConfig config, DeviceSpec on, String file) {
        CheckpointModel model = CheckpointModel.open(config, on, file);
        return new CheckpointScorer(model, new LanguageModelScorer(new LanguageModel(model.model())));
    }

    @Override
    public float[][] score(int[][] windows, int length) {
        return scorer.score(windows, length);
    }

    @Override
    public Optional<String> refusal(int length) {
        return scorer.refusal(length);
    }

    @Override
    public int trainingLength() {
        return scorer.trainingLength();
    }

    @Override
    public String encoding() {
        return scorer.encoding();
    }

    @Override
    public void close() {
        scorer.close();
        model.close();
    }
}
