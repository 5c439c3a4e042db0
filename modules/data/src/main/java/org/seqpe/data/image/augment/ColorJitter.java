package org.seqpe.data.image.augment;

import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;

/**
 * Changes brightness, contrast and saturation, in random order and each by its own factor, which is uniform from 1 -
 * strength to 1 + strength (torchvision's ColorJitter without hue).
 */
final class ColorJitter {
    private static final int BRIGHTNESS = 0;
    private static final int CONTRAST = 1;

    private final double strength;

    ColorJitter(double strength) {
        this.strength = strength;
    }

    Picture apply(Picture picture, RandomStream random) {
        int[] order = {0, 1, 2};
        random.shuffle(order);
        double[] factors = new double[order.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = 1 - strength + 2 * strength * random.nextDouble();
        }
        Picture changed = picture;
        for (int what : order) {
            changed = switch (what) {
                case BRIGHTNESS -> Enhancement.brightness(changed, factors[what]);
                case CONTRAST -> Enhancement.contrast(changed, factors[what]);
                default -> Enhancement.color(changed, factors[what]);
            };
        }
        return changed;
    }
}
