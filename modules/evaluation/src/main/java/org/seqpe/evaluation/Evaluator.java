package org.seqpe.evaluation;

import java.util.function.LongConsumer;

/** Scores the windows of a plan, batch after batch. A batch depends on nothing but its number, so batches may be computed anywhere. */
public final class Evaluator {
    private final TokenScorer scorer;
    private final EvaluationTokens tokens;
    private final WindowPlan plan;
    private final int batchTokens;

    /**
     * @param batchTokens inputs that are scored at once; a single longer window is still scored
     * @throws IllegalArgumentException if the plan is for a stream of another size
     */
    public Evaluator(TokenScorer scorer, EvaluationTokens tokens, WindowPlan plan, int batchTokens) {
        if (plan.tokens() != tokens.tokens()) {
            throw new IllegalArgumentException("a plan for " + plan.tokens() + " tokens, a stream of " + tokens.tokens());
        }
        this.scorer = scorer;
        this.tokens = tokens;
        this.plan = plan;
        this.batchTokens = batchTokens;
    }

    /**
     * The losses of the whole stream.
     *
     * @param scored is told the inputs of each batch when it is done
     * @throws NonFiniteLossException if a loss is NaN or infinite
     */
    public LossSums run(LongConsumer scored) {
        LossSums sums = new LossSums();
        long batches = plan.batches(batchTokens);
        for (long i = 0; i < batches; i++) {
            WindowPlan.Window[] windows = plan.batch(i, batchTokens);
            sums.merge(score(windows));
            scored.accept((long) windows.length * windows[0].inputs());
        }
        return sums;
    }

    /** The losses of one batch, numbered as {@link WindowPlan#batch} does. */
    public LossSums batch(long index) {
        return score(plan.batch(index, batchTokens));
    }

    private LossSums score(WindowPlan.Window[] windows) {
        int[][] inputs = new int[windows.length][];
        for (int i = 0; i < windows.length; i++) {
            inputs[i] = new int[windows[i].inputs() + 1];
            tokens.read(windows[i].start(), inputs[i], 0, inputs[i].length);
        }
        float[][] losses = scorer.score(inputs, plan.length());
        if (losses.length != windows.length) {
            throw new IllegalStateException("Cannot add up losses: expected those of " + windows.length + " windows, found " + losses.length);
        }
        LossSums sums = new LossSums();
        for (int i = 0; i < windows.length; i++) {
            sums.add(windows[i], losses[i]);
        }
        return sums;
    }
}
