package org.seqpe.data.image;

/**
 * A decoded picture: 8 bits each of red, green and blue.
 *
 * @param width pixels of a row
 * @param height rows
 * @param rgb [height, width, 3]
 */
public record Picture(int width, int height, byte[] rgb) {
    public static final int CHANNELS = 3;

    /** @throws IllegalArgumentException if the sizes do not fit */
    public Picture {
        if (width < 1 || height < 1 || rgb.length != (long) CHANNELS * width * height) {
            throw new IllegalArgumentException("Cannot hold a picture: expected " + width + " x " + height + " x "
                    + CHANNELS + " bytes, found " + rgb.length);
        }
    }
}
