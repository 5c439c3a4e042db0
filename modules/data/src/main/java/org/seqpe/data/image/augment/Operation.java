package org.seqpe.data.image.augment;

import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;

/**
 * RandAugment's operations in timm's "increasing" set, in its order. A strength from 0 to 10 is turned into an
 * operation's own argument, by a random sign where the operation has two directions.
 */
enum Operation {
    AUTO_CONTRAST((picture, strength, random, fill) -> Tones.autoContrast(picture)),
    EQUALIZE((picture, strength, random, fill) -> Tones.equalize(picture)),
    INVERT((picture, strength, random, fill) -> Tones.invert(picture)),
    ROTATE((picture, strength, random, fill) -> Geometry.rotate(picture, signed(strength, 30, random), fill)),
    POSTERIZE_INCREASING((picture, strength, random, fill) -> Tones.posterize(picture, 4 - whole(strength, 4))),
    SOLARIZE_INCREASING((picture, strength, random, fill) -> Tones.solarize(picture, 256 - whole(strength, 256))),
    SOLARIZE_ADD((picture, strength, random, fill) -> Tones.solarizeAdd(picture, whole(strength, 110))),
    COLOR_INCREASING((picture, strength, random, fill) -> Enhancement.color(picture, factor(strength, random))),
    CONTRAST_INCREASING((picture, strength, random, fill) -> Enhancement.contrast(picture, factor(strength, random))),
    BRIGHTNESS_INCREASING(
            (picture, strength, random, fill) -> Enhancement.brightness(picture, factor(strength, random))),
    SHARPNESS_INCREASING((picture, strength, random, fill) -> Enhancement.sharpness(picture, factor(strength, random))),
    SHEAR_X((picture, strength, random, fill) -> Geometry.shearX(picture, signed(strength, 0.3, random), fill)),
    SHEAR_Y((picture, strength, random, fill) -> Geometry.shearY(picture, signed(strength, 0.3, random), fill)),
    TRANSLATE_X_REL(
            (picture, strength, random, fill) -> Geometry.translateX(picture, signed(strength, 0.45, random), fill)),
    TRANSLATE_Y_REL(
            (picture, strength, random, fill) -> Geometry.translateY(picture, signed(strength, 0.45, random), fill));

    /** The greatest strength. */
    static final double MOST = 10;

    private interface Function {
        Picture apply(Picture picture, double strength, RandomStream random, byte[] fill);
    }

    private final Function function;

    Operation(Function function) {
        this.function = function;
    }

    /**
     * Applies this operation.
     *
     * @param strength from 0 to {@link #MOST}
     * @param random decides signs
     * @param fill red, green and blue of pixels that come from outside of the picture
     */
    Picture apply(Picture picture, double strength, RandomStream random, byte[] fill) {
        return function.apply(picture, strength, random, fill);
    }

    /** A whole number from 0 to a most. */
    private static int whole(double strength, int most) {
        return (int) (strength / MOST * most);
    }

    /** A number of random sign, at most as far from 0 as a most. */
    private static double signed(double strength, double most, RandomStream random) {
        double value = strength / MOST * most;
        return random.nextDouble() > 0.5 ? -value : value;
    }

    /** From 0.1 to 1.9; the further from 1 the stronger. */
    private static double factor(double strength, RandomStream random) {
        return 1 + signed(strength, 0.9, random);
    }
}
