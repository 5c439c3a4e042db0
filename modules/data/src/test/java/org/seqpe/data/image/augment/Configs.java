package org.seqpe.data.image.augment;

import java.util.List;
import org.seqpe.core.config.AugmentConfig;
import org.seqpe.core.config.AugmentConfig.RandAugment;
import org.seqpe.core.config.ImageConfig;

/** Configurations that vary one thing. */
final class Configs {
    static final RandAugment NO_OPERATIONS = new RandAugment(0, 9, 0.5);
    /** Nothing is varied; square pictures are taken whole. */
    static final AugmentConfig PLAIN = augment(0, NO_OPERATIONS, 0, 0);
    /** The authors' recipe. */
    static final AugmentConfig RECIPE = new AugmentConfig(
            List.of(0.08, 1.0),
            List.of(3.0 / 4, 4.0 / 3),
            0.5,
            new RandAugment(2, 9, 0.5),
            0.4,
            0.25,
            0.8,
            1,
            1,
            0.5,
            0.1);

    private Configs() {}

    static AugmentConfig augment(double flip, RandAugment operations, double jitter, double erase) {
        return new AugmentConfig(
                List.of(1.0, 1.0), List.of(1.0, 1.0), flip, operations, jitter, erase, 0, 0, 0, 0.5, 0);
    }

    static AugmentConfig mixing(double mixup, double cutmix, double probability, double cut) {
        return new AugmentConfig(
                List.of(1.0, 1.0), List.of(1.0, 1.0), 0, NO_OPERATIONS, 0, 0, mixup, cutmix, probability, cut, 0);
    }

    /** Values from 0 to 1. */
    static ImageConfig shares(String resolution, AugmentConfig augment) {
        return new ImageConfig(resolution, 1, 0, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0), augment);
    }

    /** ImageNet's mean and standard deviation. */
    static ImageConfig imageNet(String resolution, AugmentConfig augment) {
        return new ImageConfig(resolution, 1, 0, List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225), augment);
    }
}
