package org.seqpe.data.text.encoding;

/** NUL bytes, of which a text may have a stray one, but not many. */
public final class Nuls {
    /** So many may be strays, whatever the length. */
    private static final int FEW = 8;

    private Nuls() {}

    /** How many of the bytes are NUL. */
    public static int count(byte[] bytes) {
        return count(bytes, 0, 1);
    }

    /** How many of every {@code step}th byte from {@code from} on are NUL. */
    public static int count(byte[] bytes, int from, int step) {
        int nuls = 0;
        for (int i = from; i < bytes.length; i += step) {
            nuls += bytes[i] == 0 ? 1 : 0;
        }
        return nuls;
    }

    /** Whether so many NULs are more than strays: 1 in 100 bytes and at least 8, or a quarter of all. */
    public static boolean areTooMany(int nuls, int bytes) {
        return nuls > 0 && (nuls >= FEW && nuls >= bytes / 100 || nuls >= bytes / 4);
    }
}
