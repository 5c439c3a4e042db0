package org.seqpe.core.random;

import static org.seqpe.core.random.SplitMix64.GOLDEN;
import static org.seqpe.core.random.SplitMix64.mix;

/**
 * A stream of random numbers that is a pure function of its seed (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
 * Streams for different purposes are derived with {@link #derive}, so that draws from one never affect another.
 */
public final class RandomStream {
    private long state;
    private double spareGaussian = Double.NaN;

    public RandomStream(long seed) {
        this.state = seed;
    }

    /** Restarts this stream with another seed, as if newly constructed, for loops that must not allocate. */
    public void restart(long seed) {
        state = seed;
        spareGaussian = Double.NaN;
    }

    /** A stream for one place in a tree of purposes, such as (seed, "contrastive".hashCode(), step). */
    public static RandomStream of(long seed, long... path) {
        return new RandomStream(derive(seed, path));
    }

    /** A seed that depends on every number of the path and on their order. */
    public static long derive(long seed, long... path) {
        long z = mix(seed + GOLDEN);
        for (long part : path) {
            z = mix(z ^ mix(part + GOLDEN)) + GOLDEN;
        }
        return z;
    }

    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Uniform in [0, 1), with 53 bits. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /**
     * Uniform in [0, bound), without bias (Lemire's method on 64 bits).
     *
     * @throws IllegalArgumentException unless bound is at least 1
     */
    public int nextInt(int bound) {
        return (int) nextLong(bound);
    }

    /** Uniform in [0, bound); see {@link #nextInt}. */
    public long nextLong(long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("Cannot draw a number: expected a bound of at least 1, found " + bound);
        }
        long bits = nextLong();
        long high = Math.multiplyHigh(bits, bound) + ((bits >> 63) & bound);
        long low = bits * bound;
        if (Long.compareUnsigned(low, bound) < 0) {
            long threshold = Long.remainderUnsigned(-bound, bound);
            while (Long.compareUnsigned(low, threshold) < 0) {
                bits = nextLong();
                high = Math.multiplyHigh(bits, bound) + ((bits >> 63) & bound);
                low = bits * bound;
            }
        }
        return high;
    }

    /** Standard normal, by the polar form of Box and Muller. */
    public double nextGaussian() {
        if (!Double.isNaN(spareGaussian)) {
            double value = spareGaussian;
            spareGaussian = Double.NaN;
            return value;
        }
        double x;
        double y;
        double square;
        do {
            x = 2 * nextDouble() - 1;
            y = 2 * nextDouble() - 1;
            square = x * x + y * y;
        } while (square >= 1 || square == 0);
        double factor = Math.sqrt(-2 * Math.log(square) / square);
        spareGaussian = y * factor;
        return x * factor;
    }

    /** Shuffles in place (Fisher and Yates). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** {@code count} distinct numbers of [0, bound), in drawn order (Floyd's method, then a shuffle). */
    public int[] distinct(int bound, int count) {
        if (count > bound) {
            throw new IllegalArgumentException("Cannot draw " + count + " distinct numbers below " + bound);
        }
        java.util.HashSet<Integer> seen = new java.util.HashSet<>(2 * count);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            int top = bound - count + i;
            int drawn = nextInt(top + 1);
            if (!seen.add(drawn)) {
                drawn = top;
                seen.add(drawn);
            }
            values[i] = drawn;
        }
        shuffle(values);
        return values;
    }
}
