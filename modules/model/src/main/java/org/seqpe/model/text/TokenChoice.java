package org.seqpe.model.text;

/** How the next token is chosen. */
@FunctionalInterface
public interface TokenChoice {
    /**
     * Chooses a token.
     *
     * @param logits of all tokens, V from {@code from} on; may be changed
     * @param sample number of the text that is continued
     * @param place number of the token in its continuation
     */
    int choose(float[] logits, int from, int vocabulary, long sample, int place);

    /** The token with the largest logit; the first of several. */
    static TokenChoice greedy() {
        return (logits, from, vocabulary, sample, place) -> {
            int best = 0;
            for (int i = 1; i < vocabulary; i++) {
                if (logits[from + i] > logits[from + best]) {
                    best = i;
                }
            }
            return best;
        };
    }
}
