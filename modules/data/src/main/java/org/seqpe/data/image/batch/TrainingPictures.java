package org.seqpe.data.image.batch;

import org.seqpe.core.UserException;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.Resolution;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.SampleOrder;
import org.seqpe.data.StepPlan;
import org.seqpe.data.image.Picture;
import org.seqpe.data.image.PictureDecoder;
import org.seqpe.data.image.PictureException;
import org.seqpe.data.image.augment.Mixing;
import org.seqpe.data.image.augment.TrainingView;
import org.seqpe.data.image.shard.ImageSplit;

/**
 * The varied pictures of every step. A view is a pure function of the run's seed, the epoch and the sample; how a
 * micro-batch is mixed is one of the seed and its first place in the data. So runs repeat, and resume, bitwise on any
 * number of executors. Safe for use by several threads.
 */
public final class TrainingPictures {
    private static final long VIEW = "picture view".hashCode();
    private static final long MIXING = "picture mixing".hashCode();

    private final ImageSplit split;
    private final StepPlan plan;
    private final TrainingView view;
    private final Mixing mixing;
    private final Resolution size;
    private final long seed;

    /**
     * @param split read by this object, and closed by the caller
     * @param seed of the run
     * @throws UserException if the split has fewer pictures than there are replicas
     */
    public TrainingPictures(
            ImageSplit split, ImageConfig config, int replicas, int accumulation, int batch, long seed) {
        if (split.size() < replicas) {
            throw new UserException("Cannot train " + replicas + " replicas: the training split has only "
                    + split.size() + " pictures. Prepare more pictures or reduce train.replicas.");
        }
        this.split = split;
        this.plan = new StepPlan(new SampleOrder(seed, split.size()), replicas, accumulation, batch);
        this.view = new TrainingView(config);
        this.mixing = new Mixing(config.augment());
        this.size = config.size();
        this.seed = seed;
    }

    public StepPlan plan() {
        return plan;
    }

    /** Numbers of a view, 3 * rows * columns. */
    public int viewLength() {
        return view.length();
    }

    /**
     * Writes the view at a place of the {@link StepPlan}.
     *
     * @param views takes [3, rows, columns] from the offset on
     * @return the picture's class
     * @throws IllegalStateException if a picture cannot be decoded, although preparation could
     */
    public int write(long place, float[] views, int offset) {
        long sample = plan.order().at(place);
        write(place / plan.order().samples(), sample, views, offset);
        return split.label(sample);
    }

    /** The view of a sample in an epoch, [3, rows, columns]. */
    public float[] view(long epoch, long sample) {
        float[] one = new float[viewLength()];
        write(epoch, sample, one, 0);
        return one;
    }

    private void write(long epoch, long sample, float[] views, int offset) {
        view.write(decode(split, sample), RandomStream.of(seed, VIEW, epoch, sample), views, offset);
    }

    static Picture decode(ImageSplit split, long number) {
        try {
            return PictureDecoder.decode(split.picture(number));
        } catch (PictureException e) {
            throw new IllegalStateException(
                    "Cannot read picture " + split.key(number) + " of split " + split.name()
                            + ": it could be read when it was prepared, and now it is " + e.getMessage()
                            + ". Compare the data with its manifest (seqpe inspect --data DIR --verify).",
                    e);
        }
    }

    /**
     * Mixes the views of a micro-batch in place. Picture i gets a part of picture {@link #partner}.
     *
     * @param firstPlace of the micro-batch
     * @param views [batch, 3, rows, columns]
     * @return the share of a picture's own class; 1 if nothing was mixed
     */
    public double mix(long firstPlace, float[] views) {
        return mixing.mix(views, plan.batch(), size.rows(), size.columns(), RandomStream.of(seed, MIXING, firstPlace));
    }

    /** The picture of a micro-batch that is mixed into picture {@code row}. */
    public int partner(int row) {
        return Mixing.partner(row, plan.batch());
    }
}
