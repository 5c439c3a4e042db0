package org.seqpe.data.image.augment;

import org.seqpe.core.random.RandomStream;

/**
 * Numbers of the symmetric beta distribution: G / (G + H) for two gamma variables of the same shape. Gamma variables
 * are drawn by the method of Marsaglia and Tsang (ACM TOMS 26, 2000) with their step for shapes below 1. Logarithms are
 * kept, since for small shapes the variables themselves are too small for a double.
 */
final class BetaDistribution {
    private BetaDistribution() {}

    /**
     * Draws from Beta(alpha, alpha).
     *
     * @param alpha above 0
     */
    static double draw(double alpha, RandomStream random) {
        double first = logGamma(alpha, random);
        double second = logGamma(alpha, random);
        return 1 / (1 + StrictMath.exp(second - first));
    }

    /** The logarithm of a gamma variable. */
    private static double logGamma(double shape, RandomStream random) {
        if (shape < 1) {
            return logGamma(shape + 1, random) + StrictMath.log(positive(random)) / shape;
        }
        double d = shape - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double normal = random.nextGaussian();
            double root = 1 + c * normal;
            if (root > 0) {
                double cube = root * root * root;
                double bound = normal * normal / 2 + d - d * cube + d * StrictMath.log(cube);
                if (StrictMath.log(positive(random)) < bound) {
                    return StrictMath.log(d * cube);
                }
            }
        }
    }

    /** Uniform in (0, 1]. */
    private static double positive(RandomStream random) {
        return 1 - random.nextDouble();
    }
}
