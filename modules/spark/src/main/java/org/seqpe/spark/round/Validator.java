package org.seqpe.spark.round;

/** Measures the averaged model on the driver. */
@FunctionalInterface
public interface Validator {

    /** Mean loss per token of the validation split, in nats, with the parameters that the run's network has now. */
    double loss();
}
