package org.seqpe.spark.text;

import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.spark.round.TaskData;

/** Opens the tokens of a language run. */
public final class TextData {
    /** What is counted. */
    public static final String UNIT = "tokens";

    private TextData() {}

    /**
     * Opens the data of a configuration.
     *
     * @throws UserException if it is missing, too small, or does not fit the configuration
     */
    public static TaskData open(RunConfig config) {
        TokenDataset dataset =
                TokenDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, dataset);
        TokenBatches batches = new TokenBatches(
                dataset.folder(), dataset.hash(), config.data().trainSplit(), config.train(), config.seed());
        // Refuses data that is missing or too small before anything is written.
        batches.plan();
        TokenSplit validation = dataset.split(config.data().validationSplit());
        return new TaskData(
                resolved,
                batches,
                (network, device) -> new ValidationLoss(
                        network,
                        device,
                        new SplitTokens(
                                validation,
                                dataset.tokenizer(),
                                resolved.train().validationTokens()),
                        resolved),
                dataset.hash(),
                UNIT,
                validation);
    }

    /**
     * The configuration with the vocabulary that the data needs.
     *
     * @throws UserException if the configured vocabulary is too small for the data
     */
    public static RunConfig resolve(RunConfig config, TokenDataset dataset) {
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
