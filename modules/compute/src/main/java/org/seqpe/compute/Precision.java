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
}
