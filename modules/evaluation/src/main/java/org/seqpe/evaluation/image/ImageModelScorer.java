package org.seqpe.evaluation.image;

import java.util.Optional;
import org.seqpe.core.config.Resolution;
import org.seqpe.model.image.ImageModel;

/** Classifies pictures with a trained model. */
public final class ImageModelScorer implements ImageScorer {
    private final ImageModel model;
    private final Resolution trained;

    /**
     * The model's parameters must not change until {@link #close}.
     *
     * @param trained size of the pictures that it was trained on
     */
    public ImageModelScorer(ImageModel model, Resolution trained) {
        this.model = model;
        this.trained = trained;
        model.model().keepPositionVectors(true);
    }

    @Override
    public String encoding() {
        return model.model().spec().position().encoding().id();
    }

    @Override
    public Resolution trainingResolution() {
        return trained;
    }

    @Override
    public Optional<String> refusal(Resolution size) {
        return model.refusal(size.rows(), size.columns());
    }

    @Override
    public float[] logits(float[] pictures, int count, Resolution size) {
        return model.logits(pictures, count, size.rows(), size.columns()).toArray();
    }

    @Override
    public void close() {
        model.model().keepPositionVectors(false);
    }
}
