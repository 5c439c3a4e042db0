package org.seqpe.evaluation.text;

import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A model whose loss is a given function of the window and the input's place in it.
 *
 * @param refusals why a length is refused; null when it is not
 */
public record FunctionScorer(String encoding, int trainingLength, Loss loss, IntFunction<String> refusals)
        implements TokenScorer {

    /** The loss in nats of the token that follows input i. */
    public interface Loss {
        double at(int[] window, int i);
    }

    public FunctionScorer(Loss loss) {
        this("test", 4, loss, length -> null);
    }

    @Override
    public float[][] score(int[][] windows, int length) {
        float[][] losses = new float[windows.length][windows[0].length - 1];
        for (int b = 0; b < windows.length; b++) {
            if (windows[b].length != windows[0].length) {
                throw new IllegalArgumentException("windows of different lengths in one call");
            }
            for (int i = 0; i < losses[b].length; i++) {
                losses[b][i] = (float) loss.at(windows[b], i);
            }
        }
        return losses;
    }

    @Override
    public Optional<String> refusal(int length) {
        return Optional.ofNullable(refusals.apply(length));
    }
}
