package org.seqpe.evaluation.image;

import java.util.function.LongConsumer;
import org.seqpe.evaluation.Scored;

/** Where the pictures of a measurement are classified. Whoever does it, the sums have the same bits. */
@FunctionalInterface
public interface ImageScoring {

    /**
     * Classifies all pictures of a point.
     *
     * @param scorer the run's model, open in this process
     * @param scored receives the number of pixels that are done
     * @throws NonFiniteLogitException if a logit is NaN or infinite
     */
    Scored<PictureSums> score(ImageRun run, ImageScorer scorer, ImagePoint point, LongConsumer scored);

    /**
     * In this process, batch after batch.
     *
     * @param batch pictures that are scored at once
     */
    static ImageScoring here(int batch) {
        return (run, scorer, point, scored) -> Scored.here(
                () -> new PictureEvaluator(scorer, run.pictures(), run.classes().size(), point.size(), batch)
                        .sums(0, point.pictures(), scored));
    }
}
