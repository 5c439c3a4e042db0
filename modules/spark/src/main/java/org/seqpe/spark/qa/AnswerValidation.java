package org.seqpe.spark.qa;

import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.config.RunConfig;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.data.tokenizer.Tokenizer;
import org.seqpe.evaluation.RatioSums;
import org.seqpe.evaluation.qa.AnswerLosses;
import org.seqpe.evaluation.qa.QuestionList;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.qa.AnswerModel;
import org.seqpe.spark.round.Validator;

/** The averaged model's loss on the answers of the validation split that the training length can hold. */
final class AnswerValidation implements Validator {
    private final MultiLayerNetwork network;
    private final Device device;
    private final AnswerSplit split;
    private final QuestionList questions;
    private final Tokenizer tokenizer;
    private final RunConfig config;

    /** @param device what the driver computes with; closed by the caller */
    AnswerValidation(
            MultiLayerNetwork network,
            Device device,
            AnswerSplit split,
            QuestionList questions,
            Tokenizer tokenizer,
            RunConfig config) {
        this.network = network;
        this.device = device;
        this.split = split;
        this.questions = questions;
        this.tokenizer = tokenizer;
        this.config = config;
    }

    @Override
    public Validation validate() {
        TrainingDevice.use(device);
        SeqPeNetworks.layer(network).pull();
        AnswerModel model = new AnswerModel(SeqPeNetworks.layer(network).model());
        model.model().keepPositionVectors(true);
        try {
            int length = config.train().length();
            AnswerLosses losses = new AnswerLosses(model, tokenizer.endOfText());
            RatioSums sums = new RatioSums();
            int batch = config.train().batch();
            for (long first = 0; first < questions.size(); first += batch) {
                losses.of(questions.read(split, first, batch), length)
                        .forEach(loss -> sums.add(loss.nll(), loss.tokens()));
            }
            return new Validation(sums.mean(), Map.of());
        } finally {
            model.model().keepPositionVectors(false);
            TrainingDevice.use(null);
        }
    }
}
