package org.seqpe.spark.text;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.seqpe.compute.Device;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.spark.round.ReplicaBatches;
import org.seqpe.spark.round.TaskData;
import org.seqpe.spark.round.Validator;

/** The tokens of a language run. */
public final class TextData implements TaskData {
    /** What is counted. */
    public static final String UNIT = "tokens";

    private final RunConfig resolved;
    private final TokenDataset dataset;
    private final TokenBatches batches;
    private final TokenSplit validation;

    private TextData(RunConfig resolved, TokenDataset dataset, TokenBatches batches, TokenSplit validation) {
        this.resolved = resolved;
        this.dataset = dataset;
        this.batches = batches;
        this.validation = validation;
    }

    /**
     * Opens the data of a configuration.
     *
     * @throws UserException if it is missing, too small, or does not fit the configuration
     */
    public static TextData open(RunConfig config) {
        TokenDataset dataset =
                TokenDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, dataset);
        TokenBatches batches = new TokenBatches(
                dataset.folder(), dataset.hash(), config.data().trainSplit(), config.train(), config.seed());
        // Refuses data that is missing or too small before anything is written.
        batches.plan();
        return new TextData(
                resolved, dataset, batches, dataset.split(config.data().validationSplit()));
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

    @Override
    public RunConfig resolved() {
        return resolved;
    }

    @Override
    public ReplicaBatches batches() {
        return batches;
    }

    @Override
    public Validator validator(MultiLayerNetwork network, Device device) {
        return new ValidationLoss(
                network,
                device,
                new SplitTokens(
                        validation, dataset.tokenizer(), resolved.train().validationTokens()),
                resolved);
    }

    @Override
    public String sha256() {
        return dataset.hash();
    }

    @Override
    public String unit() {
        return UNIT;
    }

    @Override
    public void close() {
        validation.close();
    }
}
