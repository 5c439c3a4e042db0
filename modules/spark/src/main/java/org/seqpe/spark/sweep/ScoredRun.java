package org.seqpe.spark.sweep;

import java.io.Serializable;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.text.CheckpointScorer;
import org.seqpe.evaluation.text.TokenScorer;
import org.seqpe.spark.cluster.TaskDevice;

/**
 * What an executor needs to score windows of a run.
 *
 * @param config of the run, with the vocabulary set and the device to compute on
 * @param model path of the checkpoint's parameters, the same for all machines
 * @param data folder of the dataset, the same for all machines
 * @param dataSha256 of its manifest
 * @param split that is predicted
 */
public record ScoredRun(RunConfig config, String model, String data, String dataSha256, String split)
        implements Serializable {

    /** The model on this task's device. */
    TokenScorer openScorer() {
        return CheckpointScorer.open(config, TaskDevice.spec(config.device()), model);
    }

    /** The stream; its beginning may be all that is evaluated. */
    TokenSplit openTokens() {
        TokenDataset dataset = TokenDataset.open(data);
        dataset.requireHash(dataSha256);
        return dataset.split(split);
    }
}
