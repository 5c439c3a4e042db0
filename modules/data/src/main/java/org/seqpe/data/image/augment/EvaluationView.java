package org.seqpe.data.image.augment;

import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.Resampling;

/**
 * A picture as evaluation sees it: resampled (bicubic) so that it just covers the resolution divided by a crop ratio,
 * and of that the centre. For square resolutions this is torchvision's Resize of the shorter side and CenterCrop, with
 * timm's size floor(resolution / ratio). A resolution of different sides divides each side by the ratio, and the
 * picture is resampled, with its own proportions, to the smallest size that covers both. Smaller pictures are enlarged.
 *
 * <p>It is immutable and may be used by any number of threads; each call allocates what it needs.
 */
public final class EvaluationView {
    private final Resolution size;
    private final long coveredRows;
    private final long coveredColumns;
    private final Normalization normalization;

    /**
     * Prepares views.
     *
     * @param config gives mean and standard deviation
     * @param size of the views, which may be another than training's
     * @param cropRatio the share of a resampled picture's shorter side that the centre takes, above 0 and at most 1,
     *     such as 0.9
     * @throws IllegalArgumentException if the ratio is none
     */
    public EvaluationView(ImageConfig config, Resolution size, double cropRatio) {
        if (!(cropRatio > 0 && cropRatio <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot make views: expected a crop ratio above 0 and at most 1, found " + cropRatio);
        }
        this.size = size;
        this.coveredRows = (long) Math.floor(size.rows() / cropRatio);
        this.coveredColumns = (long) Math.floor(size.columns() / cropRatio);
        this.normalization = new Normalization(config);
    }

    /** Numbers of a view: 3 * rows * columns. */
    public int length() {
        return Views.length(size);
    }

    /** The view of a picture: [3, rows, columns], normalized. */
    public float[] of(Picture picture) {
        float[] view = new float[length()];
        write(picture, view, 0);
        return view;
    }

    /**
     * Makes a view within a batch.
     *
     * @param views takes [3, rows, columns], normalized, from the offset on
     * @throws IllegalArgumentException if the view does not fit there
     */
    public void write(Picture picture, float[] views, int offset) {
        Views.checkRoom(views, offset, size);
        long width = picture.width();
        long height = picture.height();
        boolean byRows = coveredRows * width >= coveredColumns * height;
        long newHeight = byRows ? coveredRows : coveredColumns * height / width;
        long newWidth = byRows ? coveredRows * width / height : coveredColumns;
        Picture centre = Resampling.BICUBIC.centre(picture, newWidth, newHeight, size.columns(), size.rows());
        normalization.write(centre, views, offset);
    }
}
