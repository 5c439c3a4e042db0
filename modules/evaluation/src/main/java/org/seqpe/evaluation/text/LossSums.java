package org.seqpe.evaluation.text;

import java.util.Arrays;
import org.seqpe.evaluation.RatioSums;

/**
 * Losses added up in double precision: in all, by position in the window, and by window. Batches are summed one by one
 * and merged in the order of the stream, so the bits of the result do not depend on who computed which batch.
 */
public final class LossSums {
    private double nll;
    private long tokens;
    private double[] nllAt;
    private long[] tokensAt;
    private final RatioSums windows = new RatioSums();

    /** Sums of nothing: the identity of {@link #merge}. */
    public LossSums() {
        this.nllAt = new double[0];
        this.tokensAt = new long[0];
    }

    /**
     * Adds the counted predictions of one window.
     *
     * @param losses in nats; the window's are the {@code window.counted()} values from {@code offset} on
     * @throws NonFiniteLossException if one of them is NaN or infinite; the sums are then of no use
     */
    public void add(WindowPlan.Window window, float[] losses, int offset) {
        reserve(window.inputs());
        double ofWindow = 0;
        for (int i = window.inputs() - window.counted(), at = offset; i < window.inputs(); i++, at++) {
            if (!Float.isFinite(losses[at])) {
                throw new NonFiniteLossException(losses[at], window, i);
            }
            nll += losses[at];
            ofWindow += losses[at];
            nllAt[i] += losses[at];
            tokensAt[i]++;
        }
        tokens += window.counted();
        windows.add(ofWindow, window.counted());
    }

    /** Adds the sums of the windows that follow in the stream. */
    public void merge(LossSums next) {
        reserve(next.nllAt.length);
        nll += next.nll;
        tokens += next.tokens;
        for (int i = 0; i < next.nllAt.length; i++) {
            nllAt[i] += next.nllAt[i];
            tokensAt[i] += next.tokensAt[i];
        }
        windows.merge(next.windows);
    }

    private void reserve(int positions) {
        if (positions > nllAt.length) {
            nllAt = Arrays.copyOf(nllAt, positions);
            tokensAt = Arrays.copyOf(tokensAt, positions);
        }
    }

    /** Total negative log likelihood in nats. */
    public double nll() {
        return nll;
    }

    /** Predictions that were counted. */
    public long tokens() {
        return tokens;
    }

    /** The windows as units: what each one's counted predictions lost, and how many they are. */
    public RatioSums windows() {
        return windows;
    }

    /** Positions that were seen: the inputs of the longest window. */
    public int positions() {
        return nllAt.length;
    }

    /** Summed loss of the predictions made at the inputs [from, to). */
    public double nll(int from, int to) {
        return Arrays.stream(nllAt, from, to).sum();
    }

    /** Number of the predictions made at the inputs [from, to). */
    public long tokens(int from, int to) {
        return Arrays.stream(tokensAt, from, to).sum();
    }
}
