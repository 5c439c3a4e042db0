package org.seqpe.model.seqpe;

import java.util.Arrays;
import org.seqpe.core.random.RandomStream;
import org.seqpe.core.random.SplitMix64;

/**
 * A small set of numbers for drawing without replacement. Clearing it is free, and nothing is allocated after
 * construction.
 */
final class DistinctSet {
    private final long[] values;
    private final int[] generations;
    private final int mask;
    private int generation = 1;

    /** A set for at most {@code most} numbers. */
    DistinctSet(int most) {
        int capacity = Integer.highestOneBit(Math.max(8, Math.multiplyExact(4, most)));
        values = new long[capacity];
        generations = new int[capacity];
        mask = capacity - 1;
    }

    void clear() {
        if (++generation == 0) {
            Arrays.fill(generations, 0);
            generation = 1;
        }
    }

    /** Adds a number; returns false if the set already contains it. */
    boolean add(long value) {
        int place = (int) (value * SplitMix64.GOLDEN >>> 32) & mask;
        while (generations[place] == generation) {
            if (values[place] == value) {
                return false;
            }
            place = place + 1 & mask;
        }
        generations[place] = generation;
        values[place] = value;
        return true;
    }

    /** Clears the set and draws count distinct numbers of [0, bound) in uniformly random order. */
    void draw(RandomStream random, int bound, int count, int[] out, int at) {
        clear();
        for (int i = 0; i < count; ) {
            int drawn = random.nextInt(bound);
            if (add(drawn)) {
                out[at + i++] = drawn;
            }
        }
    }
}
