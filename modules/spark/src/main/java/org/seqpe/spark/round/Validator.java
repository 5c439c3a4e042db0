package org.seqpe.spark.round;

import java.util.Map;

/** Measures the averaged model on the driver. */
@FunctionalInterface
public interface Validator {

    /**
     * What was measured on the validation split.
     *
     * @param loss mean loss of what is predicted, in nats
     * @param others other measures by name, such as top1; may be empty
     */
    record Validation(double loss, Map<String, Double> others) {
        public Validation {
            others = Map.copyOf(others);
        }
    }

    /** Measures the parameters that the run's network has now. */
    Validation validate();
}
