package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.require;
import static org.seqpe.core.config.Checks.share;

import java.io.Serializable;
import java.util.List;

/**
 * How training pictures are varied: the recipe of the authors' image runs (method.md section 8), which is that of timm
 * 0.4.12.
 *
 * @param cropArea smallest and largest share of a picture's area that a random crop has; [1, 1] with cropAspect [1, 1]
 *     and no other variation takes the centre square
 * @param cropAspect smallest and largest ratio of a crop's width to its height
 * @param flip probability of a horizontal flip
 * @param randAugment random operations on the whole picture
 * @param colorJitter brightness, contrast and saturation are changed by up to this share; used where randAugment has no
 *     operations, as in timm
 * @param erase probability of random erasing, which fills a rectangle with normal noise for every pixel
 * @param mixup alpha of mixup's beta distribution; 0 for no mixup
 * @param cutmix alpha of cutmix's; 0 for no cutmix
 * @param mixProbability probability that a batch is mixed at all
 * @param mixSwitch probability of cutmix where both are on
 * @param labelSmoothing share of the target that is spread over all classes
 */
public record AugmentConfig(
        List<Double> cropArea,
        List<Double> cropAspect,
        double flip,
        RandAugment randAugment,
        double colorJitter,
        double erase,
        double mixup,
        double cutmix,
        double mixProbability,
        double mixSwitch,
        double labelSmoothing)
        implements Serializable {

    public AugmentConfig {
        cropArea = List.copyOf(cropArea);
        cropAspect = List.copyOf(cropAspect);
        range("crop-area", cropArea);
        require(cropArea.get(1) <= 1, "expected shares of at most 1, found " + cropArea, "crop-area");
        range("crop-aspect", cropAspect);
        share("flip", flip);
        share("color-jitter", colorJitter);
        share("erase", erase);
        notNegative("mixup", mixup);
        notNegative("cutmix", cutmix);
        share("mix-probability", mixProbability);
        share("mix-switch", mixSwitch);
        require(
                labelSmoothing >= 0 && labelSmoothing < 1,
                "expected a share from 0 to below 1, found " + labelSmoothing,
                "label-smoothing");
    }

    /**
     * RandAugment (arXiv 1909.13719) with timm's "increasing" operations, in which a higher magnitude is always a
     * stronger change.
     *
     * @param operations operations on a picture; 0 for none
     * @param magnitude strength, from 0 to 10
     * @param std standard deviation of an operation's strength
     */
    public record RandAugment(int operations, double magnitude, double std) implements Serializable {
        public RandAugment {
            atLeast("operations", operations, 0);
            require(
                    magnitude >= 0 && magnitude <= 10,
                    "expected a number from 0 to 10, found " + magnitude,
                    "magnitude");
            notNegative("std", std);
        }
    }

    private static void range(String key, List<Double> values) {
        require(
                values.size() == 2 && values.get(0) > 0 && values.get(0) <= values.get(1),
                "expected two numbers above 0, the smaller first, found " + values,
                key);
    }

    /** Whether batches are mixed. */
    public boolean mixes() {
        return mixProbability > 0 && (mixup > 0 || cutmix > 0);
    }
}
