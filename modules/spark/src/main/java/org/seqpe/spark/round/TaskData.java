package org.seqpe.spark.round;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.config.RunConfig;

/**
 * What a task brings to a run: its data, opened on the driver, and how the model is measured on it.
 *
 * @param resolved the configuration with what only the data knows, such as the size of the vocabulary
 * @param batches what replicas are trained on
 * @param validation makes what measures a network of {@code resolved}, on the device that the driver computes with
 * @param sha256 hash that stands for all of the data
 * @param unit what is counted, in the plural, such as "tokens": the name of counts and rates in metrics and messages
 * @param opened what validation reads, which {@link #close} closes
 */
public record TaskData(
        RunConfig resolved,
        ReplicaBatches batches,
        BiFunction<MultiLayerNetwork, Device, Validator> validation,
        String sha256,
        String unit,
        Closeable opened)
        implements AutoCloseable {

    @Override
    public void close() {
        try {
            opened.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
