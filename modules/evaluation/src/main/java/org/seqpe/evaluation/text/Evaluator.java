package org.seqpe.evaluation.text;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.seqpe.data.text.window.TokenSequence;

/**
 * Scores the windows of a plan, batch after batch. A batch depends on nothing but its number, so batches may be
 * computed anywhere.
 */
public final class Evaluator {
    private final TokenScorer scorer;
    private final TokenSequence tokens;
    private final WindowPlan plan;
    private final int batchTokens;

    /**
     * @param tokens the stream that the plan is for, or a longer one
     * @param batchTokens inputs that are scored at once; a single longer window is still scored
     * @throws IllegalArgumentException if the plan is for a longer stream
     */
    public Evaluator(TokenScorer scorer, TokenSequence tokens, WindowPlan plan, int batchTokens) {
        if (plan.tokens() > tokens.tokens()) {
            throw new IllegalArgumentException(
                    "a plan for " + plan.tokens() + " tokens, a stream of " + tokens.tokens());
        }
        this.scorer = scorer;
        this.tokens = tokens;
        this.plan = plan;
        this.batchTokens = batchTokens;
    }

    /**
     * The losses of the whole stream.
     *
     * @param scored receives the number of inputs of each batch that is done
     * @throws NonFiniteLossException if a loss is NaN or infinite
     */
    public LossSums run(LongConsumer scored) {
        LossSums sums = new LossSums();
        long batches = plan.batches(batchTokens);
        for (long i = 0; i < batches; i++) {
            WindowPlan.Window[] windows = plan.batch(i, batchTokens);
            sums.merge(sums(windows, losses(windows)));
            scored.accept((long) windows.length * windows[0].inputs());
        }
        return sums;
    }

    /**
     * The losses of the predictions that count in one batch, window after window, in nats: 4 bytes for each token that
     * is predicted, whatever the windows. {@link #sums} adds them up.
     *
     * @param index as {@link WindowPlan#batch} counts
     */
    public float[] losses(long index) {
        return losses(plan.batch(index, batchTokens));
    }

    /**
     * Adds up the losses of one batch.
     *
     * @param losses of the windows, as {@link #losses} gives them
     * @throws NonFiniteLossException if a loss is NaN or infinite
     */
    public static LossSums sums(WindowPlan.Window[] windows, float[] losses) {
        int counted =
                Arrays.stream(windows).mapToInt(WindowPlan.Window::counted).sum();
        if (losses.length != counted) {
            throw new IllegalStateException("Cannot add up losses: expected " + counted + " of the batch at token "
                    + windows[0].start() + ", found " + losses.length);
        }
        LossSums sums = new LossSums();
        int offset = 0;
        for (WindowPlan.Window window : windows) {
            sums.add(window, losses, offset);
            offset += window.counted();
        }
        return sums;
    }

    private float[] losses(WindowPlan.Window[] windows) {
        int[][] inputs = new int[windows.length][];
        for (int i = 0; i < windows.length; i++) {
            inputs[i] = new int[windows[i].inputs() + 1];
            tokens.read(windows[i].start(), inputs[i], 0, inputs[i].length);
        }
        float[][] losses = scorer.score(inputs, plan.length());
        if (losses.length != windows.length) {
            throw new IllegalStateException(
                    "Cannot add up losses: expected those of " + windows.length + " windows, found " + losses.length);
        }
        float[] counted = new float
                [Arrays.stream(windows).mapToInt(WindowPlan.Window::counted).sum()];
        int offset = 0;
        for (int i = 0; i < windows.length; i++) {
            if (losses[i].length != windows[i].inputs()) {
                throw new IllegalStateException("Cannot add up losses: expected " + windows[i].inputs()
                        + " of the window at token " + windows[i].start() + ", found " + losses[i].length);
            }
            System.arraycopy(
                    losses[i], windows[i].inputs() - windows[i].counted(), counted, offset, windows[i].counted());
            offset += windows[i].counted();
        }
        return counted;
    }
}
