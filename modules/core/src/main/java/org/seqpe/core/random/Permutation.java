package org.seqpe.core.random;

/**
 * A random order of the numbers below a size that needs no memory: the i-th number is computed from (seed, i) alone, so
 * that a shuffled list can be continued at any place without storing it. It applies a keyed Feistel network over the
 * next power of two, repeatedly until the result is below the size (Black and Rogaway, "Ciphers with Arbitrary Finite
 * Domains", CT-RSA 2002). Instances are immutable.
 */
public final class Permutation {
    /**
     * Enough for statistical purposes; four already make a pseudo-random permutation of a balanced network (Luby and
     * Rackoff, 1988).
     */
    private static final int ROUNDS = 8;
    /**
     * Halves of fewer bits than this have too few round functions to reach most orders. Small sizes use this width and
     * repeat the network a little more often.
     */
    private static final int LEAST_BITS = 8;

    private final long size;
    private final long[] roundKeys = new long[ROUNDS];
    private final int lowBits;
    private final long lowMask;
    private final long highMask;

    /**
     * @param seed equal seeds and sizes give equal orders; derive one per purpose and epoch with
     *     {@link RandomStream#derive}
     * @param size from 1 to 2^62
     * @throws IllegalArgumentException if the size is out of range
     */
    public Permutation(long seed, long size) {
        if (size < 1 || size > 1L << 62) {
            throw new IllegalArgumentException("Cannot permute: expected a size from 1 to 2^62, found " + size);
        }
        this.size = size;
        int bits = Math.max(LEAST_BITS, 64 - Long.numberOfLeadingZeros(size - 1));
        this.lowBits = bits / 2;
        this.lowMask = (1L << lowBits) - 1;
        this.highMask = (1L << (bits - lowBits)) - 1;
        for (int round = 0; round < ROUNDS; round++) {
            roundKeys[round] = RandomStream.derive(seed, round);
        }
    }

    public long size() {
        return size;
    }

    /**
     * The number at a place of the order. Every number below the size is at exactly one place.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= index &lt; size
     */
    public long at(long index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException(
                    "Cannot permute index " + index + ": expected one from 0 to " + (size - 1));
        }
        long value = index;
        do {
            value = encrypt(value);
        } while (value >= size);
        return value;
    }

    private long encrypt(long value) {
        long low = value & lowMask;
        long high = value >>> lowBits;
        for (int round = 0; round < ROUNDS; round += 2) {
            low ^= SplitMix64.mix(high + roundKeys[round]) & lowMask;
            high ^= SplitMix64.mix(low + roundKeys[round + 1]) & highMask;
        }
        return high << lowBits | low;
    }
}
