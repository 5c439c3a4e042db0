package org.seqpe.evaluation.image;

import java.util.Optional;
import java.util.function.Function;
import org.seqpe.core.config.Resolution;

/**
 * Classifies {@link ColouredPictures} by the nearest colour. Colours fade with the distance from the training
 * resolution, so accuracy falls.
 *
 * @param fading how much of the colour is lost for each doubling of the size
 * @param refusals why a resolution is refused; null when it is not
 */
public record ColourScorer(
        String encoding,
        Resolution trainingResolution,
        int classes,
        double fading,
        Function<Resolution, String> refusals)
        implements ImageScorer {

    public ColourScorer(int classes, double fading) {
        this("seqpe", new Resolution(16, 16), classes, fading, size -> null);
    }

    @Override
    public Optional<String> refusal(Resolution size) {
        return Optional.ofNullable(refusals.apply(size));
    }

    @Override
    public float[] logits(float[] pictures, int count, Resolution size) {
        int pixels = size.rows() * size.columns();
        int trained = trainingResolution.rows() * trainingResolution.columns();
        double kept = 1 - fading * Math.abs(Math.log((double) pixels / trained) / Math.log(4));
        float[] logits = new float[count * classes];
        for (int i = 0; i < count; i++) {
            double[] seen = new double[3];
            for (int c = 0; c < 3; c++) {
                for (int p = 0; p < pixels; p++) {
                    seen[c] += kept * pictures[(3 * i + c) * pixels + p] / pixels;
                }
            }
            for (int k = 0; k < classes; k++) {
                double[] colour = ColouredPictures.colour(k);
                double distance = 0;
                for (int c = 0; c < 3; c++) {
                    distance += (seen[c] - colour[c]) * (seen[c] - colour[c]);
                }
                logits[i * classes + k] = (float) (-20 * distance);
            }
        }
        return logits;
    }

    @Override
    public void close() {}
}
