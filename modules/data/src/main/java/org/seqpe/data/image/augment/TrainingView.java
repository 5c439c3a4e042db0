package org.seqpe.data.image.augment;

import org.seqpe.core.config.AugmentConfig;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.Resampling;

/**
 * A picture as training sees it, varied at random by the recipe of timm 0.4.12, in its order: random resized crop with
 * bicubic resampling, horizontal flip, RandAugment (colour jitter where RandAugment has no operations), normalization,
 * random erasing.
 *
 * <p>A view is a pure function of the picture, the configuration and the random stream. It is immutable and may be used
 * by any number of threads; each call allocates what it needs. The distributions are timm's; the random numbers are
 * not, so single pictures differ from a run in Python.
 */
public final class TrainingView {
    private final AugmentConfig augment;
    private final Resolution size;
    private final Normalization normalization;
    private final RandomOperations operations;
    private final ColorJitter jitter;
    private final RandomErasing erasing;

    /** @param config how pictures are varied, their size, mean and standard deviation */
    public TrainingView(ImageConfig config) {
        this.augment = config.augment();
        this.size = config.size();
        this.normalization = new Normalization(config);
        this.operations = new RandomOperations(augment.randAugment(), config.mean());
        this.jitter = new ColorJitter(augment.colorJitter());
        this.erasing = new RandomErasing(augment.erase());
    }

    /** Numbers of a view: 3 * rows * columns. */
    public int length() {
        return Views.length(size);
    }

    /**
     * Makes a view.
     *
     * @param random makes all choices; the same state gives the same view
     * @return [3, rows, columns], normalized
     */
    public float[] of(Picture picture, RandomStream random) {
        float[] view = new float[length()];
        write(picture, random, view, 0);
        return view;
    }

    /**
     * Makes a view within a batch.
     *
     * @param random makes all choices
     * @param views takes [3, rows, columns], normalized, from the offset on
     * @throws IllegalArgumentException if the view does not fit there
     */
    public void write(Picture picture, RandomStream random, float[] views, int offset) {
        Views.checkRoom(views, offset, size);
        Picture varied = varied(picture, random);
        normalization.write(varied, views, offset);
        if (augment.erase() > 0) {
            erasing.apply(views, offset, size, random);
        }
    }

    private Picture varied(Picture picture, RandomStream random) {
        RandomCrop crop =
                RandomCrop.draw(picture.width(), picture.height(), augment.cropArea(), augment.cropAspect(), random);
        Picture varied = Resampling.BICUBIC.resize(
                picture, crop.left(), crop.top(), crop.width(), crop.height(), size.columns(), size.rows());
        if (augment.flip() > 0 && random.nextDouble() < augment.flip()) {
            varied = Geometry.mirror(varied);
        }
        if (augment.randAugment().operations() > 0) {
            return operations.apply(varied, random);
        }
        return augment.colorJitter() > 0 ? jitter.apply(varied, random) : varied;
    }
}
