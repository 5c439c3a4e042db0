package org.seqpe.evaluation.image;

import java.io.Serializable;
import org.seqpe.evaluation.ConfusionCounts;
import org.seqpe.evaluation.RatioSums;

/**
 * What is counted over pictures: hits, losses and confusions. All sums are exact, so they do not depend on batches, nor
 * on who counted which pictures and in which order they are merged.
 */
public final class PictureSums implements Serializable {
    private static final long serialVersionUID = 1L;
    /** Predictions among which a top-5 hit finds the true class. */
    private static final int FIVE = 5;

    private final int classes;
    private final RatioSums losses = new RatioSums();
    private final ConfusionCounts confusion = new ConfusionCounts();
    private long top1;
    private long top5;

    /**
     * Sums of nothing: the identity of {@link #merge}.
     *
     * @param classes that the model tells apart, at least 1
     */
    public PictureSums(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("Cannot count pictures: expected at least 1 class, found " + classes);
        }
        this.classes = classes;
    }

    /**
     * Adds a batch. A picture is a top-k hit if less than k classes come before the true one. A class comes before
     * another if its logit is larger, or if it is equal and its index is lower. The loss is the cross-entropy of the
     * true class in nats, computed in double precision from the logits less their maximum.
     *
     * @param first index of the first picture, for messages
     * @param logits [labels.length, classes]
     * @param labels the true class of each picture
     * @throws NonFiniteLogitException if a logit is NaN or infinite; the sums are then of no use
     * @throws IllegalStateException if the model has another number of classes, or a label is not one of the classes
     */
    public void add(long first, float[] logits, int... labels) {
        if (logits.length != (long) labels.length * classes) {
            throw new IllegalStateException("Cannot count pictures: expected logits of " + labels.length
                    + " pictures and " + classes + " classes, found " + logits.length + " logits");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalStateException("Cannot count picture " + (first + i) + ": expected a class from 0 to "
                        + (classes - 1) + ", found " + labels[i]);
            }
            add(first + i, logits, i * classes, labels[i]);
        }
    }

    private void add(long picture, float[] logits, int offset, int label) {
        float ofLabel = logits[offset + label];
        int best = 0;
        int before = 0;
        for (int c = 0; c < classes; c++) {
            float logit = logits[offset + c];
            if (!Float.isFinite(logit)) {
                throw new NonFiniteLogitException(logit, picture, c);
            }
            if (logit > logits[offset + best]) {
                best = c;
            }
            if (logit > ofLabel || logit == ofLabel && c < label) {
                before++;
            }
        }
        top1 += before < 1 ? 1 : 0;
        top5 += before < FIVE ? 1 : 0;
        confusion.add(label, best);
        losses.add(loss(logits, offset, ofLabel, logits[offset + best]), 1);
    }

    /** StrictMath has the same bits on every machine. */
    private double loss(float[] logits, int offset, double ofLabel, double largest) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += StrictMath.exp(logits[offset + c] - largest);
        }
        return StrictMath.log(sum) - (ofLabel - largest);
    }

    /**
     * Adds the sums of other pictures.
     *
     * @throws IllegalArgumentException if they have another number of classes
     */
    public void merge(PictureSums other) {
        if (other.classes != classes) {
            throw new IllegalArgumentException(
                    "Cannot merge sums: expected " + classes + " classes, found " + other.classes);
        }
        losses.merge(other.losses);
        confusion.merge(other.confusion);
        top1 += other.top1;
        top5 += other.top5;
    }

    /** Pictures that were counted. */
    public long pictures() {
        return losses.units();
    }

    /** Pictures whose true class has the largest logit. */
    public long top1() {
        return top1;
    }

    /** Pictures whose true class is among the five with the largest logits. */
    public long top5() {
        return top5;
    }

    /** The pictures as units of size 1, with their losses in nats. */
    public RatioSums losses() {
        return losses;
    }

    /** How often each class was predicted for each true class. */
    public ConfusionCounts confusion() {
        return confusion;
    }
}
