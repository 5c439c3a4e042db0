package org.seqpe.data.image.augment;

import java.util.Arrays;
import org.seqpe.data.image.Picture;

/**
 * Pillow's {@code ImageEnhance}: a picture is blended with a weak form of itself. Factor 1 leaves it as it is, 0 gives
 * the weak form, and factors above 1 go beyond the picture. A picture that is passed is never changed.
 */
final class Enhancement {
    private Enhancement() {}

    /** Saturation: the weak form is grey. */
    static Picture color(Picture picture, double factor) {
        byte[] grey = new byte[picture.rgb().length];
        for (int i = 0; i < grey.length; i += Picture.CHANNELS) {
            Arrays.fill(grey, i, i + Picture.CHANNELS, (byte) luma(picture.rgb(), i));
        }
        return blend(picture, grey, factor);
    }

    /** Contrast: the weak form is even, of the picture's mean brightness. */
    static Picture contrast(Picture picture, double factor) {
        long sum = 0;
        for (int i = 0; i < picture.rgb().length; i += Picture.CHANNELS) {
            sum += luma(picture.rgb(), i);
        }
        byte[] even = new byte[picture.rgb().length];
        Arrays.fill(even, (byte) ((double) sum / (picture.width() * picture.height()) + 0.5));
        return blend(picture, even, factor);
    }

    /** Brightness: the weak form is black. */
    static Picture brightness(Picture picture, double factor) {
        return blend(picture, new byte[picture.rgb().length], factor);
    }

    /** Sharpness: the weak form is blurred. */
    static Picture sharpness(Picture picture, double factor) {
        return blend(picture, blurred(picture), factor);
    }

    /** Brightness of a pixel by ITU-R BT.601, in fixed point as Pillow's conversion to "L". */
    private static int luma(byte[] rgb, int at) {
        int red = rgb[at] & 255;
        int green = rgb[at + 1] & 255;
        int blue = rgb[at + 2] & 255;
        return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
    }

    /** The mean of the 3 x 3 pixels around, the middle one counting five times; pixels at an edge stay. */
    private static byte[] blurred(Picture picture) {
        byte[] from = picture.rgb();
        byte[] to = from.clone();
        int row = Picture.CHANNELS * picture.width();
        for (int y = 1; y < picture.height() - 1; y++) {
            for (int i = y * row + Picture.CHANNELS; i < (y + 1) * row - Picture.CHANNELS; i++) {
                int sum = 4 * (from[i] & 255);
                for (int near = i - row; near <= i + row; near += row) {
                    sum += (from[near - Picture.CHANNELS] & 255)
                            + (from[near] & 255)
                            + (from[near + Picture.CHANNELS] & 255);
                }
                to[i] = (byte) ((2 * sum + 13) / 26);
            }
        }
        return to;
    }

    /** weak + factor * (picture - weak), in float32 and cut to whole numbers, as Pillow's blend. */
    private static Picture blend(Picture picture, byte[] weak, double factor) {
        float share = (float) factor;
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        for (int i = 0; i < to.length; i++) {
            int low = weak[i] & 255;
            float value = low + share * ((from[i] & 255) - low);
            to[i] = (byte) Math.max(0, Math.min(255, (int) value));
        }
        return new Picture(picture.width(), picture.height(), to);
    }
}
