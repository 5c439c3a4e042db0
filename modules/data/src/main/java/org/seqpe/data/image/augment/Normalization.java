package org.seqpe.data.image.augment;

import org.seqpe.core.config.ImageConfig;
import org.seqpe.data.image.Picture;

/** Between 8-bit pictures and what a network reads: (value / 255 - mean) / std of each channel, in float32. */
final class Normalization {
    private static final int VALUES = 256;

    /** [3, 256]. */
    private final float[][] tables = new float[Picture.CHANNELS][VALUES];

    private final float[] mean = new float[Picture.CHANNELS];
    private final float[] std = new float[Picture.CHANNELS];

    Normalization(ImageConfig config) {
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            mean[channel] = config.mean().get(channel).floatValue();
            std[channel] = config.std().get(channel).floatValue();
            for (int value = 0; value < VALUES; value++) {
                tables[channel][value] = (value / 255f - mean[channel]) / std[channel];
            }
        }
    }

    /**
     * Writes a picture.
     *
     * @param views takes [3, height, width] from an offset on
     */
    void write(Picture picture, float[] views, int offset) {
        byte[] rgb = picture.rgb();
        int to = offset;
        for (int channel = 0; channel < Picture.CHANNELS; channel++) {
            float[] table = tables[channel];
            for (int from = channel; from < rgb.length; from += Picture.CHANNELS) {
                views[to++] = table[rgb[from] & 255];
            }
        }
    }

    /** The nearest 8-bit value of a channel, as an unsigned byte. */
    int value(float normalized, int channel) {
        return Math.max(0, Math.min(255, Math.round((normalized * std[channel] + mean[channel]) * 255)));
    }
}
