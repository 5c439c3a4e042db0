package org.seqpe.evaluation.image;

import java.util.Optional;
import org.seqpe.core.config.Resolution;

/** A trained model as an evaluation sees it: pictures in, a logit for every class out. */
public interface ImageScorer extends AutoCloseable {

    /** The position encoding, as tables name it, such as "seqpe" or "rope". */
    String encoding();

    /** Size of the pictures that the model was trained on. */
    Resolution trainingResolution();

    /** Why pictures of this size cannot be scored, such as "SeqPE positions end at 100 rows"; empty when they can. */
    Optional<String> refusal(Resolution size);

    /**
     * The logits of a batch of pictures. Pictures do not see each other.
     *
     * @param pictures [count, 3, rows, columns]; the array may be longer, and is used again after the call
     * @param count pictures in the batch, at least 1
     * @param size rows and columns of every picture
     * @return [count, classes]
     */
    float[] logits(float[] pictures, int count, Resolution size);

    @Override
    void close();
}
