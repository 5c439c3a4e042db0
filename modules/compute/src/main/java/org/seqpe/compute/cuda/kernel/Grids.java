package org.seqpe.compute.cuda.kernel;

/** Numbers of blocks and threads, and how sums over rows are cut. They follow from shapes alone, never from the GPU. */
final class Grids {
    static final int WARP = 32;
    static final int THREADS = 256;
    /** Elements of a thread. */
    static final int VECTOR = 8;
    /** Most blocks in the second and third direction of a grid. */
    static final int MOST_BLOCKS = 65_535;

    private Grids() {}

    static long ceil(long count, long each) {
        return (count + each - 1) / each;
    }

    static int warps(long threads) {
        return (int) (ceil(threads, WARP) * WARP);
    }

    /** Bytes of this many float32 numbers, rounded up to 16, so that what follows them is aligned too. */
    static long alignedBytes(long numbers) {
        return ceil(numbers, 4) * 4 * Float.BYTES;
    }

    /** How many of this many things a block or slice takes: so many, or more where there would be too many blocks. */
    static int each(long count, int usual) {
        return (int) Math.max(usual, ceil(count, MOST_BLOCKS));
    }
}
