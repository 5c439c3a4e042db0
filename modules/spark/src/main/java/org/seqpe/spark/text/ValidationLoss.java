package org.seqpe.spark.text;

import java.util.Map;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.config.EvaluationConfig.Protocol;
import org.seqpe.core.config.RunConfig;
import org.seqpe.evaluation.text.Evaluator;
import org.seqpe.evaluation.text.LanguageModelScorer;
import org.seqpe.evaluation.text.LossSums;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.evaluation.text.WindowPlan;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.TrainingDevice;
import org.seqpe.model.text.LanguageModel;
import org.seqpe.spark.round.Validator;

/** The averaged model's loss on the validation split, in windows of the training length that do not overlap. */
public final class ValidationLoss implements Validator {
    private final MultiLayerNetwork network;
    private final Device device;
    private final SplitTokens tokens;
    private final RunConfig config;

    /** @param device what the driver computes with; closed by the caller */
    public ValidationLoss(MultiLayerNetwork network, Device device, SplitTokens tokens, RunConfig config) {
        this.network = network;
        this.device = device;
        this.tokens = tokens;
        this.config = config;
    }

    @Override
    public Validation validate() {
        int length = config.train().length();
        TrainingDevice.use(device);
        SeqPeNetworks.layer(network).pull();
        try (LanguageModelScorer scorer = new LanguageModelScorer(
                new LanguageModel(SeqPeNetworks.layer(network).model()))) {
            WindowPlan plan = WindowPlan.of(Protocol.NON_OVERLAPPING, tokens.tokens(), length, length);
            LossSums sums = new Evaluator(scorer, tokens, plan, config.train().batch() * length).run(done -> {});
            return new Validation(sums.nll() / sums.tokens(), Map.of());
        } finally {
            TrainingDevice.use(null);
        }
    }
}
