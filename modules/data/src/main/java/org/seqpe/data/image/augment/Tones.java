package org.seqpe.data.image.augment;

import org.seqpe.data.image.Picture;

/**
 * Operations that look every value of a channel up in a table of 256: those of Pillow's {@code ImageOps} that
 * RandAugment uses. A picture that is passed is never changed.
 */
final class Tones {
    private static final int VALUES = 256;

    private Tones() {}

    /** A new value for each of 0 to 255. */
    private interface Curve {
        int at(int value);
    }

    /** Stretches each channel so that its darkest value becomes 0 and its brightest 255. */
    static Picture autoContrast(Picture picture) {
        byte[][] tables = new byte[Picture.CHANNELS][];
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            int[] counts = counts(picture, channel);
            int low = 0;
            while (counts[low] == 0) {
                low++;
            }
            int high = VALUES - 1;
            while (counts[high] == 0) {
                high--;
            }
            double scale = high > low ? 255.0 / (high - low) : 1;
            double offset = high > low ? -low * scale : 0;
            tables[channel] = table(value -> (int) (value * scale + offset));
        }
        return look(picture, tables);
    }

    /** Spreads the values of each channel so that all are about equally frequent. */
    static Picture equalize(Picture picture) {
        byte[][] tables = new byte[Picture.CHANNELS][];
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            int[] counts = counts(picture, channel);
            int last = VALUES - 1;
            while (counts[last] == 0) {
                last--;
            }
            int step = (picture.width() * picture.height() - counts[last]) / (VALUES - 1);
            int[] sums = new int[VALUES];
            int sum = step / 2;
            for (int value = 0; value < VALUES; value++) {
                sums[value] = sum;
                sum += counts[value];
            }
            tables[channel] = table(value -> step == 0 ? value : sums[value] / step);
        }
        return look(picture, tables);
    }

    /** The negative. */
    static Picture invert(Picture picture) {
        return look(picture, value -> 255 - value);
    }

    /** Keeps the upper bits of each value. */
    static Picture posterize(Picture picture, int bits) {
        int mask = 255 & -(1 << (8 - bits));
        return look(picture, value -> value & mask);
    }

    /** The negative of all values from a threshold on. */
    static Picture solarize(Picture picture, int threshold) {
        return look(picture, value -> value < threshold ? value : 255 - value);
    }

    /** Makes values below 128 brighter. */
    static Picture solarizeAdd(Picture picture, int added) {
        return look(picture, value -> value < 128 ? value + added : value);
    }

    private static int[] counts(Picture picture, int channel) {
        int[] counts = new int[VALUES];
        byte[] rgb = picture.rgb();
        for (int i = channel; i < rgb.length; i += Picture.CHANNELS) {
            counts[rgb[i] & 255]++;
        }
        return counts;
    }

    private static byte[] table(Curve curve) {
        byte[] table = new byte[VALUES];
        for (int value = 0; value < VALUES; value++) {
            table[value] = (byte) Math.max(0, Math.min(255, curve.at(value)));
        }
        return table;
    }

    private static Picture look(Picture picture, Curve curve) {
        byte[] table = table(curve);
        return look(picture, new byte[][] {table, table, table});
    }

    private static Picture look(Picture picture, byte[][] tables) {
        byte[] from = picture.rgb();
        byte[] to = new byte[from.length];
        for (int i = 0; i < from.length; i += Picture.CHANNELS) {
            to[i] = tables[0][from[i] & 255];
            to[i + 1] = tables[1][from[i + 1] & 255];
            to[i + 2] = tables[2][from[i + 2] & 255];
        }
        return new Picture(picture.width(), picture.height(), to);
    }
}
