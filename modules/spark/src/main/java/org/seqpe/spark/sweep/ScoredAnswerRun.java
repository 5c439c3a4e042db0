package org.seqpe.spark.sweep;

import java.io.Serializable;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.evaluation.qa.AnswerModelScorer;
import org.seqpe.evaluation.qa.AnswerScorer;
import org.seqpe.spark.cluster.TaskDevice;

/**
 * What an executor needs to ask a run questions.
 *
 * @param config of the run, with the vocabulary set and the device to compute on
 * @param model path of the checkpoint's parameters, the same for all machines
 * @param data folder of the dataset, the same for all machines
 * @param dataSha256 of its manifest
 * @param split whose questions are asked
 */
public record ScoredAnswerRun(RunConfig config, String model, String data, String dataSha256, String split)
        implements Serializable {

    private AnswerDataset dataset() {
        AnswerDataset dataset = AnswerDataset.open(data);
        dataset.requireHash(dataSha256);
        return dataset;
    }

    /** The model on this task's device. */
    AnswerScorer openScorer() {
        return AnswerModelScorer.open(
                config, TaskDevice.spec(config.device()), model, dataset().tokenizer());
    }

    AnswerSplit openSplit() {
        return dataset().split(split);
    }
}
