package org.seqpe.model.params;

import java.util.function.DoubleSupplier;
import org.seqpe.core.random.RandomStream;

/** How an array of parameters begins. */
@FunctionalInterface
public interface InitialValues {
    /**
     * The values of an array, in the order of its elements.
     *
     * @param random the array's own stream
     */
    DoubleSupplier draw(RandomStream random);

    /** The same number everywhere. */
    static InitialValues constant(double value) {
        return random -> () -> value;
    }

    /** A normal distribution around 0. */
    static InitialValues normal(double std) {
        return std == 0 ? constant(0) : random -> () -> std * random.nextGaussian();
    }

    /** A uniform distribution from -bound to bound. */
    static InitialValues uniform(double bound) {
        return random -> () -> bound * (2 * random.nextDouble() - 1);
    }
}
