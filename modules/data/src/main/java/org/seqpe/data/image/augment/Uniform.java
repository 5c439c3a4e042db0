package org.seqpe.data.image.augment;

import org.seqpe.core.random.RandomStream;

/** Uniform numbers of a range. */
final class Uniform {
    private Uniform() {}

    static double draw(double from, double to, RandomStream random) {
        return from + (to - from) * random.nextDouble();
    }

    /** A number whose logarithm is uniform, so that a ratio is as likely as its inverse. */
    static double drawLogarithmic(double from, double to, RandomStream random) {
        return StrictMath.exp(draw(StrictMath.log(from), StrictMath.log(to), random));
    }
}
