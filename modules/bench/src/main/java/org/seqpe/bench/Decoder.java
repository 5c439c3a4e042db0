package org.seqpe.bench;

/** One of the implementations whose generation is compared. */
interface Decoder extends Turn, AutoCloseable {
    /**
     * Continues texts with the most probable tokens.
     *
     * @param prompts of equal length
     * @return [B][newTokens]
     */
    int[][] generate(int[][] prompts, int newTokens);

    @Override
    void close();
}
