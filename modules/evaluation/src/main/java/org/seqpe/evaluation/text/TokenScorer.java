package org.seqpe.evaluation.text;

import java.util.Optional;

/** A trained model as an evaluation sees it: tokens in, the loss of every next token out. */
public interface TokenScorer extends AutoCloseable {

    /**
     * The losses of a batch of windows. A window of n+1 tokens holds n inputs, the tokens [0, n), and n targets, the
     * tokens [1, n+1). Windows do not see each other.
     *
     * @param windows [B][n+1], all of one length, n at least 1
     * @param length the window length that is evaluated: n, or more where the last window of a stream is shorter (a
     *     learned table is stretched to it)
     * @return [B][n], -log p(target) in nats
     */
    float[][] score(int[][] windows, int length);

    /**
     * Why windows of this many inputs cannot be scored, such as "SeqPE positions end at 20000"; empty when they can.
     */
    Optional<String> refusal(int length);

    /** Inputs of the windows that the model was trained on. */
    int trainingLength();

    /** The position encoding, as tables name it, such as "seqpe" or "rope". */
    String encoding();

    @Override
    default void close() {}
}
