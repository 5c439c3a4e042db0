package org.seqpe.data.image.augment;

import java.util.List;
import org.seqpe.core.config.AugmentConfig.RandAugment;
import org.seqpe.core.random.RandomStream;
import org.seqpe.data.image.Picture;

/**
 * RandAugment (arXiv 1909.13719) as timm does it: operations are drawn one after another with repetition, each is
 * applied with probability 1/2, and its strength is normal around the configured magnitude, cut to 0 to 10.
 */
final class RandomOperations {
    private static final List<Operation> ALL = List.of(Operation.values());
    private static final double PROBABILITY = 0.5;

    private final RandAugment config;
    private final byte[] fill;

    /** @param mean red, green and blue from 0 to 1: the colour of pixels that come from outside of a picture */
    RandomOperations(RandAugment config, List<Double> mean) {
        this.config = config;
        this.fill = new byte[Picture.CHANNELS];
        for (int i = 0; i < fill.length; i++) {
            fill[i] = (byte) Math.max(0, Math.min(255, Math.rint(255 * mean.get(i))));
        }
    }

    Picture apply(Picture picture, RandomStream random) {
        Picture varied = picture;
        for (int i = 0; i < config.operations(); i++) {
            Operation operation = ALL.get(random.nextInt(ALL.size()));
            if (random.nextDouble() < PROBABILITY) {
                varied = operation.apply(varied, strength(random), random, fill);
            }
        }
        return varied;
    }

    private double strength(RandomStream random) {
        if (config.std() == 0) {
            return config.magnitude();
        }
        return Math.max(0, Math.min(Operation.MOST, config.magnitude() + config.std() * random.nextGaussian()));
    }
}
