package org.seqpe.data.text.encoding;

/** Counts NUL bytes. A text may have a few stray ones, but not many. */
public final class Nuls {
    /** Fewer than this many may be strays, unless they are a quarter of the bytes. */
    private static final int FEW = 8;

    private Nuls() {}

    /** The number of bytes that are NUL. */
    public static int count(byte[] bytes) {
        return count(bytes, 0, 1);
    }

    /** The number of NULs among every {@code step}th byte from {@code from} on. */
    public static int count(byte[] bytes, int from, int step) {
        int nuls = 0;
        for (int i = from; i < bytes.length; i += step) {
            nuls += bytes[i] == 0 ? 1 : 0;
        }
        return nuls;
    }

    /** Whether there are too many NULs to be strays: 1 in 100 bytes and at least 8, or a quarter of all. */
    public static boolean areTooMany(int nuls, int bytes) {
        return nuls > 0 && (nuls >= FEW && nuls >= bytes / 100 || nuls >= bytes / 4);
    }
}
