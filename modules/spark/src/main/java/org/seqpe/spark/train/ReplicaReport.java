package org.seqpe.spark.train;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Map;

/**
 * What a task reports of its replica's round. Parameters and moments themselves stay in the executor's block manager. Kryo cannot fill
 * records, so Java serialization carries it.
 *
 * @param replica          number of the model copy, from 0
 * @param tokens           tokens trained on: the weight of this replica's parameters
 * @param measures         means of what the steps measured, weighted by their tokens; {@link Replica#LOSS} among them
 * @param parametersName   name of the parameters' blocks in the round's broadcast
 * @param parametersLength elements
 * @param moments          where the moments are
 * @param times            seconds of the task
 */
@DefaultSerializer(JavaSerializer.class)
public record ReplicaReport(int replica, long tokens, Map<String, Double> measures, String parametersName, long parametersLength,
                            SavedMoments.Blocks moments, Times times) implements Serializable {
    /** Mean loss of the steps. */
    public double loss() {
        return measures.get(Replica.LOSS);
    }

    /**
     * Seconds of a task.
     *
     * @param restoring receiving parameters and moments, and building the network where it was not there
     * @param computing local steps
     * @param reading   waiting for samples
     * @param storing   handing over parameters and moments
     */
    public record Times(double restoring, double computing, double reading, double storing) implements Serializable {
        /** All of the task. */
        public double total() {
            return restoring + computing + reading + storing;
        }
    }
}
