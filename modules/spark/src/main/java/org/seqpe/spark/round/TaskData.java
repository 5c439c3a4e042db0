package org.seqpe.spark.round;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.config.RunConfig;

/** What a task brings to a run: its data, opened on the driver, and how the model is measured on it. */
public interface TaskData extends AutoCloseable {

    /** The configuration with what only the data knows, such as the size of the vocabulary. */
    RunConfig resolved();

    /** What replicas are trained on. */
    ReplicaBatches batches();

    /**
     * Measures the run's model.
     *
     * @param network of {@link #resolved}
     * @param device what the driver computes with; closed by the caller
     */
    Validator validator(MultiLayerNetwork network, Device device);

    /** Hash that stands for all of the data. */
    String sha256();

    /** What is counted, in the plural, such as "tokens": the name of counts and rates in metrics and messages. */
    String unit();

    @Override
    void close();
}
