package org.seqpe.evaluation.image;

import java.util.Optional;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.config.RunConfig;
import org.seqpe.evaluation.CheckpointModel;
import org.seqpe.model.image.ImageModel;

/** Classifies pictures with the model of a checkpoint, on a device of its own. */
public final class ImageCheckpointScorer implements ImageScorer {
    private final CheckpointModel model;
    private final ImageModelScorer scorer;

    private ImageCheckpointScorer(CheckpointModel model, ImageModelScorer scorer) {
        this.model = model;
        this.scorer = scorer;
    }

    /**
     * Loads the model.
     *
     * @param config of the run, with the classes set
     * @param on what to compute on
     * @param file the checkpoint's {@link org.seqpe.core.run.Checkpoints#MODEL}
     * @throws org.seqpe.core.UserException if the file does not hold the model that the configuration describes
     */
    public static ImageCheckpointScorer open(RunConfig config, DeviceSpec on, String file) {
        CheckpointModel model = CheckpointModel.open(config, on, file);
        return new ImageCheckpointScorer(
                model,
                new ImageModelScorer(
                        new ImageModel(model.model()), config.image().size()));
    }

    @Override
    public String encoding() {
        return scorer.encoding();
    }

    @Override
    public Resolution trainingResolution() {
        return scorer.trainingResolution();
    }

    @Override
    public Optional<String> refusal(Resolution size) {
        return scorer.refusal(size);
    }

    @Override
    public float[] logits(float[] pictures, int count, Resolution size) {
        return scorer.logits(pictures, count, size);
    }

    @Override
    public void close() {
        scorer.close();
        model.close();
    }
}
