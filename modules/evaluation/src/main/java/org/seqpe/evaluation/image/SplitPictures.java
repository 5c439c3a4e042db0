package org.seqpe.evaluation.image;

import java.util.stream.IntStream;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.batch.EvaluationPictures;

/** A prepared split, or its beginning, as something to evaluate on. Pictures are decoded by all cores. */
public final class SplitPictures implements ImagePictures {
    private final EvaluationPictures pictures;

    public SplitPictures(EvaluationPictures pictures) {
        this.pictures = pictures;
    }

    @Override
    public long size() {
        return pictures.size();
    }

    @Override
    public int label(long i) {
        return pictures.label(i);
    }

    @Override
    public void read(long first, int count, Resolution size, float[] out) {
        EvaluationPictures.Views views = pictures.at(size);
        IntStream.range(0, count).parallel().forEach(i -> views.write(first + i, out, i * views.length()));
    }
}
