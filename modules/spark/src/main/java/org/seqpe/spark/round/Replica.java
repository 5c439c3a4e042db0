package org.seqpe.spark.round;

import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/**
 * One model copy in an executor: an initialised network and what computes it. Its parameters, moments and counters are
 * overwritten before it trains; everything else that influences a step must be a function of (configuration, replica,
 * iteration count), because a copy serves many rounds and may be replaced between two.
 */
public interface Replica {
    /** The measure that is averaged over the steps of a round and must stay finite. */
    String LOSS = "loss";

    MultiLayerNetwork network();

    /** Whether it can serve the task that runs on this thread; otherwise it is built anew. */
    default boolean fitsThisTask() {
        return true;
    }

    /** {@link org.seqpe.compute.Device#matrixUnit} of its device. */
    default String matrixUnit() {
        return "";
    }

    /** The address of its device, as Spark names it; empty where it has none. */
    default String address() {
        return "";
    }

    /** Called on a task's thread before it uses the network. */
    default void attach() {}

    /** Called when parameters, moments and counters of the network are those that the round begins with. */
    default void begin() {}

    /** Called after the last step, before parameters and moments of the network are read. */
    default void end() {}

    /** Called on the same thread when the task ends. */
    default void detach() {}

    /**
     * What the last step measured, by name; {@link #LOSS} always among them. It is called after each step, and the
     * result is asked at the latest before the step after the next one, so that a device is not waited for in between.
     */
    default Supplier<Map<String, Double>> measures() {
        double score = network().score();
        return () -> Map.of(LOSS, score);
    }
}
