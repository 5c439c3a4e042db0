package org.seqpe.data.text.window;

/** A stream of tokens with random access. Implementations are safe for use by several threads. */
public interface TokenSequence {

    /** Its length in tokens. */
    long tokens();

    /**
     * Copies tokens {@code position} to {@code position + count} into {@code target} from {@code offset} on.
     *
     * @throws IndexOutOfBoundsException if they are not all in the sequence or the target is too short
     */
    void read(long position, int[] target, int offset, int count);

    /** A sequence in memory. */
    static TokenSequence of(int... tokens) {
        return new TokenSequence() {
            @Override
            public long tokens() {
                return tokens.length;
            }

            @Override
            public void read(long position, int[] target, int offset, int count) {
                System.arraycopy(tokens, Math.toIntExact(position), target, offset, count);
            }
        };
    }
}
