package org.seqpe.compute;

/**
 * How the numbers of a tensor are stored. Parameters, gradients, moments, statistics and losses are always
 * {@link #FLOAT32}; activations, and the copies of weights that products read, are whatever the device's
 * {@link DeviceSpec} says.
 */
public enum Precision {
    /** IEEE 754 single precision. */
    FLOAT32(4),
    /** The upper half of a single: 8 bits of exponent, 8 of mantissa. */
    BFLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a number. */
    public int bytes() {
        return bytes;
    }

    /** The nearest bfloat16 of a number, ties to even, as its 16 bits. */
    public static short toBfloat16(float value) {
        if (Float.isNaN(value)) {
            return 0x7fff;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** The number that the 16 bits of a bfloat16 mean. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
