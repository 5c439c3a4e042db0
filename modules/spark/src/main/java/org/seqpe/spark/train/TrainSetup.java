package org.seqpe.spark.train;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.core.io.NamedArray;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.ReplicaFactory;
import org.seqpe.spark.round.Validator;

/**
 * What a run trains, as the loop sees it.
 *
 * @param network the averaged model on the driver, with its starting parameters
 * @param arrays the named parts of its flat parameters, which checkpoints keep
 * @param replicas builds the copies that are trained
 * @param batches what they are trained on
 * @param learningRate rate of the step after so many steps
 * @param validator measures {@code network}
 * @param device that the driver computes on
 * @param dataSha256 hash that stands for all of the data
 * @param unit what counts and rates are about, such as "tokens"
 */
public record TrainSetup(
        MultiLayerNetwork network,
        List<NamedArray> arrays,
        ReplicaFactory replicas,
        ReplicaBatches batches,
        IntToDoubleFunction learningRate,
        Validator validator,
        String device,
        String dataSha256,
        String unit) {
    public TrainSetup {
        arrays = List.copyOf(arrays);
    }
}
