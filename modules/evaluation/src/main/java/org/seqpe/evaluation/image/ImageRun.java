package org.seqpe.evaluation.image;

import java.util.List;
import java.util.function.Supplier;

/**
 * A trained run that is to be measured.
 *
 * @param name what tables and plots call it
 * @param pictures that it classifies
 * @param classes names of the classes, by their indexes; as many as the model has logits
 * @param scorer opens its model; called once, and the model is closed before the next run is opened, so only one is in
 *     memory
 */
public record ImageRun(
        String name, ImagePictures pictures, List<String> classes, Supplier<? extends ImageScorer> scorer) {
    public ImageRun {
        classes = List.copyOf(classes);
    }
}
