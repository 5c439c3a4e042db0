package org.seqpe.model.text;

import java.util.Arrays;
import org.seqpe.core.random.RandomStream;

/**
 * Draws the next token from the model's distribution, made sharper by a temperature and cut to the most probable tokens
 * (top-k, and nucleus sampling, arXiv 1904.09751). A draw depends on the seed, the text's number and the token's place
 * alone, so it does not matter which texts are continued together.
 */
public final class SampledChoice implements TokenChoice {
    private final double temperature;
    private final int topK;
    private final double topP;
    private final long seed;
    private long[] order = new long[0];

    /**
     * @param temperature above 0: 1 leaves the distribution as it is
     * @param topK only so many of the most probable tokens; 0 for all
     * @param topP only the most probable tokens that together have this probability, in (0, 1]; 1 for all. The token
     *     that reaches it is among them.
     */
    public SampledChoice(double temperature, int topK, double topP, long seed) {
        if (!(temperature > 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("Cannot sample: expected a temperature above 0, a top-k from 0 and a"
                    + " top-p in (0, 1], found " + temperature + ", " + topK + " and " + topP);
        }
        this.temperature = temperature;
        this.topK = topK;
        this.topP = topP;
        this.seed = seed;
    }

    @Override
    public int choose(float[] logits, int from, int vocabulary, long sample, int place) {
        order(logits, from, vocabulary);
        int most = topK == 0 ? vocabulary : Math.min(topK, vocabulary);
        double largest = logits[from + token(vocabulary - 1)];
        double[] weights = new double[most];
        double sum = 0;
        for (int i = 0; i < most; i++) {
            weights[i] = Math.exp((logits[from + token(vocabulary - 1 - i)] - largest) / temperature);
            sum += weights[i];
        }
        int kept = most;
        double reached = 0;
        for (int i = 0; i < most && topP < 1; i++) {
            reached += weights[i];
            if (reached >= topP * sum) {
                kept = i + 1;
                break;
            }
        }
        double total = topP < 1 && kept < most ? reached : sum;
        double drawn = RandomStream.of(seed, sample, place).nextDouble() * total;
        for (int i = 0; i < kept - 1; i++) {
            drawn -= weights[i];
            if (drawn < 0) {
                return token(vocabulary - 1 - i);
            }
        }
        return token(vocabulary - kept);
    }

    /** Sorts tokens by logit, equal ones by number so that the smaller comes later: the last is the most probable. */
    private void order(float[] logits, int from, int vocabulary) {
        if (order.length != vocabulary) {
            order = new long[vocabulary];
        }
        for (int i = 0; i < vocabulary; i++) {
            int bits = Float.floatToIntBits(logits[from + i]);
            int sortable = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            order[i] = (long) sortable << 32 | (Integer.MAX_VALUE - i);
        }
        Arrays.sort(order);
    }

    private int token(int rank) {
        return Integer.MAX_VALUE - (int) order[rank];
    }
}
