package org.seqpe.spark.round;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Map;
import org.seqpe.spark.moments.SavedMoments;

/**
 * A task's report on its replica's round. Parameters and moments themselves stay in the executor's block manager. Kryo
 * cannot fill records, so Java serialization carries it.
 *
 * @param replica number of the model copy, from 0
 * @param weight labelled rows trained on: the weight of this replica's parameters
 * @param measures what the steps measured; {@link Replica#LOSS} among them
 * @param parametersName name of the parameters' blocks in the round's broadcast
 * @param parametersLength elements
 * @param moments where the moments are
 * @param times seconds of the task
 * @param device address of the device that Spark assigned; empty for none
 * @param matrixUnit {@link org.seqpe.compute.Device#matrixUnit} of the device
 */
@DefaultSerializer(JavaSerializer.class)
public record ReplicaReport(
        int replica,
        long weight,
        Map<String, Measure> measures,
        String parametersName,
        long parametersLength,
        SavedMoments.Blocks moments,
        Times times,
        String device,
        String matrixUnit)
        implements Serializable {
    /** Mean loss of the steps. */
    public double loss() {
        return measures.get(Replica.LOSS).mean();
    }

    /**
     * A measure over steps, weighted by their labelled rows. Not every step has every measure: one with shifted windows
     * has no transfer loss.
     *
     * @param sum of value x weight
     * @param weight of the steps that have it
     */
    public record Measure(double sum, long weight) implements Serializable {
        Measure plus(Measure other) {
            return new Measure(sum + other.sum, weight + other.weight);
        }

        double mean() {
            return sum / weight;
        }
    }

    /**
     * Seconds of a task.
     *
     * @param restoring receiving parameters and moments, and building the network where it was not there
     * @param computing local steps
     * @param reading waiting for samples
     * @param storing handing over parameters and moments
     */
    public record Times(double restoring, double computing, double reading, double storing) implements Serializable {
        /** Seconds of the whole task. */
        public double total() {
            return restoring + computing + reading + storing;
        }
    }
}
