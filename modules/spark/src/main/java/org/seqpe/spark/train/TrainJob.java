package org.seqpe.spark.train;

import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;
import org.seqpe.compute.Device;
import org.seqpe.compute.DeviceSpec;
import org.seqpe.compute.Devices;
import org.seqpe.core.UserException;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.io.HadoopFiles;
import org.seqpe.core.progress.Progress;
import org.seqpe.core.run.RunFolder;
import org.seqpe.data.text.window.TokenDataset;
import org.seqpe.data.text.window.TokenSplit;
import org.seqpe.evaluation.text.SplitTokens;
import org.seqpe.model.dl4j.LayerSettings;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.SeqPeTransformerLayer;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.round.Validator;
import org.seqpe.spark.text.TokenBatches;
import org.seqpe.spark.text.ValidationLoss;

/** Trains a language model on Spark: {@link TrainLoop} on the data and model that a configuration names. */
public final class TrainJob {
    private TrainJob() {}

    /** The same as the other {@code run}, with {@link TrainOptions#DEFAULT}. */
    public static TrainSummary run(JavaSparkContext spark, RunConfig config, String runFolder, Progress progress) {
        return run(spark, config, runFolder, TrainOptions.DEFAULT, progress);
    }

    /**
     * Begins a run in a folder, or continues the one that is there from its last whole checkpoint.
     *
     * @param runFolder Hadoop path that driver and executors share
     * @throws UserException if data, configuration and folder do not fit each other
     */
    public static TrainSummary run(
            JavaSparkContext spark, RunConfig config, String runFolder, TrainOptions options, Progress progress) {
        HadoopFiles.use(spark.hadoopConfiguration());
        RunFolder folder = new RunFolder(HadoopFiles.qualified(runFolder));
        TokenDataset data =
                TokenDataset.open(HadoopFiles.qualified(config.data().path()));
        RunConfig resolved = resolve(config, data);
        TokenBatches batches =
                new TokenBatches(data.folder(), data.hash(), config.data().trainSplit(), config.train(), config.seed());
        // Refuses data that is missing or too small before anything is written.
        batches.plan();
        try (Device device = Devices.create(DeviceSpec.ofDriver(config));
                TokenSplit validation = data.split(config.data().validationSplit())) {
            MultiLayerNetwork network = SeqPeNetworks.create(resolved);
            Validator validator = new ValidationLoss(
                    network,
                    device,
                    new SplitTokens(validation, data.tokenizer(), config.train().validationTokens()),
                    config);
            SeqPeTransformerLayer layer = new SeqPeTransformerLayer(LayerSettings.of(resolved));
            IUpdater updater = layer.getUpdaterByParam("");
            TrainSetup setup = new TrainSetup(
                    network,
                    ModelLayout.of(layer.spec()).arrays(),
                    replica -> new TaskReplica(resolved, replica),
                    batches,
                    step -> updater.getLearningRate(step, 0),
                    validator,
                    device.name(),
                    data.hash());
            return new TrainLoop(
                            config,
                            folder,
                            setup,
                            OuterOptimizer.of(config.train().resolvedOuter(), network.numParams()),
                            progress)
                    .run(spark, options);
        }
    }

    /**
     * The configuration with the vocabulary that the data needs.
     *
     * @throws UserException if the configured vocabulary is too small for the data
     */
    static RunConfig resolve(RunConfig config, TokenDataset data) {
        int found = data.manifest().tokenizer().vocabularySize();
        int configured = config.model().vocabulary();
        if (configured != 0 && configured < found) {
            throw new UserException(
                    "Cannot train on " + data.folder() + ": expected model.vocabulary of at least the tokenizer's "
                            + found + ", found " + configured + "; set model.vocabulary = 0 to follow the tokenizer.");
        }
        return config.resolveVocabulary(found);
    }
}
