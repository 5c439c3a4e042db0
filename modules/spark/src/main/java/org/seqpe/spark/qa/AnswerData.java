package org.seqpe.spark.qa;

import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.qa.AnswerDataset;
import org.seqpe.data.qa.AnswerPlan;
import org.seqpe.data.qa.AnswerSplit;
import org.seqpe.evaluation.qa.QuestionList;
import org.seqpe.spark.round.TaskData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the questions of a run that learns to answer. */
public final class AnswerData {
    /** What is counted: predicted tokens. */
    public static final String UNIT = "tokens";

    private static final Logger LOG = LoggerFactory.getLogger(AnswerData.class);

    private AnswerData() {}

    /**
     * Opens the data of a configuration.
     *
     * @throws UserException if it is missing, too small, or does not fit the configuration
     */
    public static TaskData open(RunConfig config) {
        AnswerDataset dataset =
                AnswerDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, dataset);
        AnswerBatches batches = new AnswerBatches(dataset.folder(), dataset.hash(), resolved);
        // Refuses data that is missing or too small before anything is written.
        AnswerPlan plan = batches.plan();
        if (plan.leftOut() > 0) {
            LOG.warn(
                    "Left out {} of {} examples of the split {}: longer than train.length = {} tokens.",
                    plan.leftOut(),
                    plan.leftOut() + plan.usable(),
                    config.data().trainSplit(),
                    config.train().length());
        }
        AnswerSplit validation = dataset.split(config.data().validationSplit());
        int length = config.train().length();
        QuestionList questions =
                QuestionList.upTo(validation, length, config.train().validationExamples());
        if (config.train().validateEvery() > 0 && questions.size() == 0) {
            validation.close();
            throw new UserException("Cannot validate on the split "
                    + config.data().validationSplit() + " of " + dataset.folder() + ": expected questions of at most "
                    + length + " tokens, found none; prepare some with --pad-to " + length
                    + ", raise train.length, or set train.validate-every = 0.");
        }
        return new TaskData(
                resolved,
                batches,
                (network, device) ->
                        new AnswerValidation(network, device, validation, questions, dataset.tokenizer(), resolved),
                dataset.hash(),
                UNIT,
                validation);
    }

    /**
     * The configuration with the vocabulary that the data needs.
     *
     * @throws UserException if the configured vocabulary is too small for the data
     */
    public static RunConfig resolve(RunConfig config, AnswerDataset dataset) {
        int found = dataset.manifest().tokenizer().vocabularySize();
        int configured = config.model().vocabulary();
        if (configured != 0 && configured < found) {
            throw new UserException(
                    "Cannot train on " + dataset.folder() + ": expected model.vocabulary of at least the tokenizer's "
                            + found + ", found " + configured + "; set model.vocabulary = 0 to follow the tokenizer.");
        }
        return config.resolveVocabulary(found);
    }
}
