package org.seqpe.data.text.window;

import org.seqpe.core.UserException;
import org.seqpe.data.SampleOrder;
import org.seqpe.data.StepPlan;

/**
 * Which tokens each replica trains on at each step. The split is cut into samples of T inputs and T targets, with the
 * targets one token further: sample w covers tokens w*T to w*T + T inclusive. A rest at the end that is shorter than a
 * sample is not used. A {@link StepPlan} says who takes which samples. Safe for use by several threads.
 */
public final class BatchPlan {
    private final TokenSequence tokens;
    private final int length;
    private final StepPlan plan;

    /**
     * @param tokens the split
     * @param length T, tokens per sample
     * @param replicas model copies
     * @param accumulation micro-batches per step of each replica
     * @param batch B, samples per micro-batch
     * @param seed seed of the run
     * @throws UserException if the split holds no sample, or fewer samples than replicas
     */
    public BatchPlan(TokenSequence tokens, int length, int replicas, int accumulation, int batch, long seed) {
        long samples = samples(tokens.tokens(), length);
        if (samples < 1) {
            throw new UserException("Cannot train on samples of " + length + " tokens: expected at least "
                    + (length + 1L) + " tokens in the training split, found " + tokens.tokens()
                    + ". Prepare more text or reduce train.length.");
        }
        if (replicas > samples) {
            throw new UserException(
                    "Cannot train " + replicas + " replicas: the training split has only " + samples + " samples of "
                            + length + " tokens. Prepare more text, or reduce train.replicas or train.length.");
        }
        this.tokens = tokens;
        this.length = length;
        this.plan = new StepPlan(new SampleOrder(seed, samples), replicas, accumulation, batch);
    }

    /** The number of samples of {@code length} inputs in {@code tokens} tokens. */
    public static long samples(long tokens, int length) {
        return Math.max(0, tokens - 1) / length;
    }

    /** Number of samples in an epoch. */
    public long samples() {
        return plan.order().samples();
    }

    /** G: the number of samples by which a global step advances the position. */
    public long samplesPerStep() {
        return plan.samplesPerStep();
    }

    /**
     * The sample at a place in a step.
     *
     * @param position samples taken before this step
     * @param replica from 0
     * @param microBatch from 0, below the accumulation
     * @param row from 0, below the batch
     */
    public long sample(long position, int replica, int microBatch, int row) {
        return plan.sample(position, replica, microBatch, row);
    }

    /**
     * Reads a micro-batch.
     *
     * @param position samples taken before this step
     * @param inputs [B, T], filled
     * @param targets [B, T], filled: the token after each input
     */
    public void read(long position, int replica, int microBatch, int[] inputs, int[] targets) {
        for (int row = 0; row < plan.batch(); row++) {
            long first = sample(position, replica, microBatch, row) * length;
            tokens.read(first, inputs, row * length, length);
            System.arraycopy(inputs, row * length + 1, targets, row * length, length - 1);
            tokens.read(first + length, targets, (row + 1) * length - 1, 1);
        }
    }
}
