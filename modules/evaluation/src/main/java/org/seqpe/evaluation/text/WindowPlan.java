package org.seqpe.evaluation.text;

import java.io.Serializable;
import org.seqpe.core.UserException;
import org.seqpe.core.config.EvaluationConfig.Protocol;

/**
 * How windows of T inputs lie on a stream so that every token after the first is predicted exactly once. Window i
 * begins at token i*S and ends T inputs later or with the stream. The first counts all its predictions, each later one
 * only those that no window before it made: its last S, or what is left. With S = T the windows do not overlap.
 *
 * @param tokens tokens of the stream, at least 2
 * @param length T, inputs of a window
 * @param stride S, tokens from one window to the next, in [1, T]
 */
public record WindowPlan(long tokens, int length, int stride) implements Serializable {

    /**
     * @param start the stream position of the first input
     * @param inputs inputs, and predictions: n
     * @param counted the last predictions of the window that count
     */
    public record Window(long start, int inputs, int counted) {}

    public WindowPlan {
        if (tokens < 2) {
            throw new UserException("Cannot evaluate: expected a split of at least 2 tokens, found " + tokens
                    + "; use a longer split or raise evaluation.max-tokens");
        }
        if (length < 1) {
            throw new UserException("Cannot evaluate: expected a length of at least 1, found " + length);
        }
        if (stride < 1 || stride > length) {
            throw new UserException(
                    "Cannot evaluate: expected a stride from 1 to the length " + length + ", found " + stride);
        }
    }

    /** The plan of a protocol; the stride is that of sliding windows. */
    public static WindowPlan of(Protocol protocol, long tokens, int length, int stride) {
        return new WindowPlan(
                tokens,
                length,
                switch (protocol) {
                    case NON_OVERLAPPING -> length;
                    case SLIDING -> stride;
                });
    }

    /** Tokens that are predicted: all but the first. */
    public long predictions() {
        return tokens - 1;
    }

    public long windows() {
        return predictions() <= length ? 1 : 1 + ceilDiv(predictions() - length, stride);
    }

    public Window window(long index) {
        if (index < 0 || index >= windows()) {
            throw new IndexOutOfBoundsException("window " + index + " of " + windows());
        }
        long start = index * stride;
        int inputs = (int) Math.min(length, predictions() - start);
        return new Window(start, inputs, index == 0 ? inputs : inputs - (length - stride));
    }

    /** Inputs of all windows together, tokens that are scored again included: what the work is proportional to. */
    public long inputs() {
        return (windows() - 1) * length + window(windows() - 1).inputs();
    }

    /**
     * Batches that hold up to batchTokens inputs (one window at least); a last window that is shorter is a batch of its
     * own.
     */
    public long batches(int batchTokens) {
        return ceilDiv(fullWindows(), windowsPerBatch(batchTokens)) + (windows() - fullWindows());
    }

    /** The windows of a batch, all with the same number of inputs. */
    public Window[] batch(long index, int batchTokens) {
        if (index < 0 || index >= batches(batchTokens)) {
            throw new IndexOutOfBoundsException("batch " + index + " of " + batches(batchTokens));
        }
        long first = index * windowsPerBatch(batchTokens);
        if (first >= fullWindows()) {
            return new Window[] {window(windows() - 1)};
        }
        Window[] batch = new Window[(int) Math.min(windowsPerBatch(batchTokens), fullWindows() - first)];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = window(first + i);
        }
        return batch;
    }

    private static long ceilDiv(long dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    private int windowsPerBatch(int batchTokens) {
        return Math.max(1, batchTokens / length);
    }

    private long fullWindows() {
        return window(windows() - 1).inputs() == length ? windows() : windows() - 1;
    }
}
