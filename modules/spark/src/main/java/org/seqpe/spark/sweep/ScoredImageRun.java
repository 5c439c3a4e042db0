package org.seqpe.spark.sweep;

import java.io.Serializable;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.image.shard.ImageDataset;
import org.seqpe.data.image.shard.ImageSplit;
import org.seqpe.evaluation.image.ImageCheckpointScorer;
import org.seqpe.evaluation.image.ImageScorer;
import org.seqpe.spark.cluster.TaskDevice;

/**
 * What an executor needs to classify pictures with a run.
 *
 * @param config of the run, with the classes set and the device to compute on
 * @param model path of the checkpoint's parameters, the same for all machines
 * @param data folder of the dataset, the same for all machines
 * @param dataSha256 of its manifest
 * @param split whose pictures are classified
 */
public record ScoredImageRun(RunConfig config, String model, String data, String dataSha256, String split)
        implements Serializable {

    /** The model on this task's device. */
    ImageScorer openScorer() {
        return ImageCheckpointScorer.open(config, TaskDevice.spec(config.device()), model);
    }

    ImageSplit openSplit() {
        ImageDataset dataset = ImageDataset.open(data);
        dataset.requireHash(dataSha256);
        return dataset.split(split);
    }
}
