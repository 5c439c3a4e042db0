package org.seqpe.data.image.batch;

import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.data.image.augment.EvaluationView;
import org.seqpe.data.image.shard.ImageSplit;

/** The pictures of a split, or of its beginning, as evaluation sees them. Safe for use by several threads. */
public final class EvaluationPictures {
    private final ImageSplit split;
    private final ImageConfig config;
    private final double cropRatio;
    private final long size;

    /**
     * @param split read by this object, and closed by the caller
     * @param cropRatio of the centre crop
     * @param most pictures that are used; 0 for all
     */
    public EvaluationPictures(ImageSplit split, ImageConfig config, double cropRatio, long most) {
        this.split = split;
        this.config = config;
        this.cropRatio = cropRatio;
        this.size = most == 0 ? split.size() : Math.min(most, split.size());
    }

    /** Number of pictures. */
    public long size() {
        return size;
    }

    /** The class of a picture. */
    public int label(long picture) {
        return split.label(picture);
    }

    /** Makes views of a resolution. */
    public Views at(Resolution resolution) {
        return new Views(new EvaluationView(config, resolution, cropRatio));
    }

    /** The pictures at one resolution. */
    public final class Views {
        private final EvaluationView view;

        private Views(EvaluationView view) {
            this.view = view;
        }

        /** Numbers of a view, 3 * rows * columns. */
        public int length() {
            return view.length();
        }

        /** Writes the view of a picture, [3, rows, columns] from the offset on. */
        public void write(long picture, float[] views, int offset) {
            view.write(TrainingPictures.decode(split, picture), views, offset);
        }
    }
}
