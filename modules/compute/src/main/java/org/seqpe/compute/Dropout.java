package org.seqpe.compute;

import org.seqpe.core.random.SplitMix64;

/**
 * The dropout mask as a pure function of (key, row, column): it needs no memory, the backward pass asks for it again,
 * and every device gives the same one. The hash of a row is SplitMix64's finaliser of key and row; a column is mixed in
 * with a 32-bit finaliser (constants 0x7feb352d, 0x846ca68b: C. Wellons, "hash-prospector"), which vectorises without
 * 64-bit products.
 */
public final class Dropout {
    /** What a step of one column adds to the state before it is mixed. */
    public static final int COLUMN_STEP = 0x9E3779B9;
    /** First multiplier of the column finaliser. */
    public static final int MIX_1 = 0x7feb352d;
    /** Second multiplier of the column finaliser. */
    public static final int MIX_2 = 0x846ca68b;

    private Dropout() {}

    /** The 32-bit state that all columns of a row share. */
    public static int rowHash(long key, long row) {
        return (int) (SplitMix64.mix(key + (row + 1) * SplitMix64.GOLDEN) >>> 32);
    }

    /** 31 random bits of an element. */
    public static int bits(int rowHash, int column) {
        int x = rowHash + column * COLUMN_STEP;
        x = (x ^ (x >>> 16)) * MIX_1;
        x = (x ^ (x >>> 15)) * MIX_2;
        return (x ^ (x >>> 16)) >>> 1;
    }

    /** An element is dropped when its {@link #bits} are below this. */
    public static int threshold(float rate) {
        return (int) (rate * 2147483648.0);
    }

    /** What kept elements are multiplied by. */
    public static float keepScale(float rate) {
        return 1f / (1f - rate);
    }

    /** The factor of one element: 0 or {@link #keepScale}. */
    public static float factor(float rate, long key, long row, int column) {
        return bits(rowHash(key, row), column) < threshold(rate) ? 0f : keepScale(rate);
    }
}
