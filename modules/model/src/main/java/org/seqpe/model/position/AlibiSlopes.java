package org.seqpe.model.position;

/** The slopes of ALiBi's attention bias (Press, Smith and Lewis, arXiv 2108.12409, section 3). */
public final class AlibiSlopes {
    private static final double LAST_EXPONENT = 8;

    private AlibiSlopes() {}

    /**
     * The positive slope of each head [H]: the bias of key j is slope * j, which under the causal mask equals -slope *
     * (i - j) up to a constant per row. If H is a power of two, the slopes are 2^(-8/H), 2^(-16/H), ..., 2^-8.
     * Otherwise the slopes for the next lower power of two come first, followed by every second slope for twice that
     * power, as in the authors' code.
     *
     * @throws IllegalArgumentException unless heads is at least 1
     */
    public static double[] of(int heads) {
        if (heads < 1) {
            throw new IllegalArgumentException("Cannot make ALiBi slopes: expected at least 1 head, found " + heads);
        }
        int power = Integer.highestOneBit(heads);
        double[] slopes = new double[heads];
        for (int head = 0; head < heads; head++) {
            double exponent = head < power
                    ? LAST_EXPONENT * (head + 1) / power
                    : LAST_EXPONENT * (2 * (head - power) + 1) / (2 * power);
            slopes[head] = Math.pow(2, -exponent);
        }
        return slopes;
    }
}
