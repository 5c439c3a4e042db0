package org.seqpe.core.random;

/** The constants and the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
public final class SplitMix64 {
    /** The increment of the state: 2^64 divided by the golden ratio, made odd. */
    public static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private SplitMix64() {}

    /** The finalizer: a bijection of the 64-bit numbers whose output bits all depend on every input bit. */
    public static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
