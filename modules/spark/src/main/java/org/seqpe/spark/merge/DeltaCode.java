package org.seqpe.spark.merge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.seqpe.core.config.TrainConfig.DeltaCompression;

/**
 * How a replica's delta (end - start of a round) is rounded for its way to the driver: in blocks of {@link #BLOCK}
 * values, the last of which may be shorter. docs/formats.md shows the bytes. Everything is rounded to the nearest code,
 * halves to the even one; nothing is random, so the result depends on the delta alone.
 */
public enum DeltaCode {
    /** The upper half of a float32: 8 significant bits, the same range. */
    BF16(16) {
        @Override
        void encodeBlock(float[] delta, int from, int count, ByteBuffer out) {
            for (int i = from; i < from + count; i++) {
                int bits = Float.floatToIntBits(delta[i]);
                // Half of the last kept bit, less one if that bit is even. NaN stays NaN: its first bit is kept, and it
                // may not overflow.
                int rounded = Float.isNaN(delta[i]) ? bits : bits + 0x7fff + (bits >>> 16 & 1);
                out.putShort((short) (rounded >>> 16));
            }
        }

        @Override
        void decodeBlock(ByteBuffer in, int at, int count, float[] delta, int to) {
            for (int i = 0; i < count; i++) {
                delta[to + i] = Float.intBitsToFloat(in.getShort(at + 2 * i) << 16);
            }
        }
    },

    /** A scale, the largest magnitude / 127, and a signed byte for each value. */
    INT8(8) {
        @Override
        void encodeBlock(float[] delta, int from, int count, ByteBuffer out) {
            float scale = scale(delta, from, count, 127);
            out.putFloat(scale);
            for (int i = from; i < from + count; i++) {
                out.put((byte) level(delta[i], scale, 127));
            }
        }

        @Override
        void decodeBlock(ByteBuffer in, int at, int count, float[] delta, int to) {
            float scale = in.getFloat(at);
            for (int i = 0; i < count; i++) {
                delta[to + i] = scale * in.get(at + Float.BYTES + i);
            }
        }
    },

    /**
     * A scale, the largest magnitude / 7, and four bits in two's complement for each value, the first of two in the
     * lower half of a byte.
     */
    INT4(4) {
        @Override
        void encodeBlock(float[] delta, int from, int count, ByteBuffer out) {
            float scale = scale(delta, from, count, 7);
            out.putFloat(scale);
            for (int i = from; i < from + count; i += 2) {
                int low = level(delta[i], scale, 7) & 0xf;
                int high = i + 1 < from + count ? level(delta[i + 1], scale, 7) : 0;
                out.put((byte) (high << 4 | low));
            }
        }

        @Override
        void decodeBlock(ByteBuffer in, int at, int count, float[] delta, int to) {
            float scale = in.getFloat(at);
            for (int i = 0; i < count; i++) {
                int pair = in.get(at + Float.BYTES + i / 2);
                // Shifts that carry the sign along.
                delta[to + i] = scale * (i % 2 == 0 ? (byte) (pair << 4) >> 4 : pair >> 4);
            }
        }
    };

    /** Values that share a scale. */
    public static final int BLOCK = 256;

    private final int bits;

    DeltaCode(int bits) {
        this.bits = bits;
    }

    /** The code that a configuration selects; null if parameters are sent uncompressed. */
    public static DeltaCode of(DeltaCompression compression) {
        return switch (compression) {
            case NONE -> null;
            case BF16 -> BF16;
            case INT8 -> INT8;
            case INT4 -> INT4;
        };
    }

    abstract void encodeBlock(float[] delta, int from, int count, ByteBuffer out);

    abstract void decodeBlock(ByteBuffer in, int at, int count, float[] delta, int to);

    /** Bytes of this many encoded values. */
    public long bytes(long values) {
        long whole = values / BLOCK * blockBytes(BLOCK);
        return values % BLOCK == 0 ? whole : whole + blockBytes((int) (values % BLOCK));
    }

    private int blockBytes(int values) {
        return (bits < Short.SIZE ? Float.BYTES : 0) + (values * bits + 7) / 8;
    }

    /**
     * Appends the first {@code count} values to a little-endian buffer; a whole number of blocks unless they are the
     * last of the piece.
     */
    public void encode(float[] delta, int count, ByteBuffer out) {
        requireOrder(out);
        for (int from = 0; from < count; from += BLOCK) {
            encodeBlock(delta, from, Math.min(BLOCK, count - from), out);
        }
    }

    /** Decodes {@code count} values from value {@code first} on, which begins a block. */
    public void decode(ByteBuffer in, int first, int count, float[] delta) {
        requireOrder(in);
        if (first % BLOCK != 0) {
            throw new IllegalArgumentException("Cannot decode a delta: expected the beginning of a block of " + BLOCK
                    + " values, found value " + first);
        }
        for (int from = 0; from < count; from += BLOCK) {
            decodeBlock(in, (int) bytes(first + from), Math.min(BLOCK, count - from), delta, from);
        }
    }

    private static void requireOrder(ByteBuffer bytes) {
        if (bytes.order() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalArgumentException(
                    "Cannot code a delta: expected a little-endian buffer, found " + bytes.order());
        }
    }

    /** NaN where a value is not finite, so that decoding gives no finite value and the driver notices. */
    private static float scale(float[] delta, int from, int count, int levels) {
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(delta[i]));
        }
        return Float.isInfinite(largest) ? Float.NaN : largest / levels;
    }

    private static int level(float value, float scale, int levels) {
        // A block of zeros, or of values whose scale is too small for a float, has scale 0.
        if (scale == 0) {
            return 0;
        }
        return (int) Math.max(-levels, Math.min(levels, Math.rint((double) value / scale)));
    }
}
