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
import org.seqpe.model.dl4j.LayerSettings;
import org.seqpe.model.dl4j.SeqPeNetworks;
import org.seqpe.model.dl4j.SeqPeTransformerLayer;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.spark.image.ImageData;
import org.seqpe.spark.merge.OuterOptimizer;
import org.seqpe.spark.qa.AnswerData;
import org.seqpe.spark.round.TaskData;
import org.seqpe.spark.text.TextData;

/** Trains a model of any task on Spark: {@link TrainLoop} on the data and model that a configuration names. */
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
        try (TaskData data = open(config);
                Device device = Devices.create(DeviceSpec.ofDriver(config))) {
            RunConfig resolved = data.resolved();
            MultiLayerNetwork network = SeqPeNetworks.create(resolved);
            SeqPeTransformerLayer layer = new SeqPeTransformerLayer(LayerSettings.of(resolved));
            IUpdater updater = layer.getUpdaterByParam("");
            TrainSetup setup = new TrainSetup(
                    network,
                    ModelLayout.of(layer.spec()).arrays(),
                    replica -> new TaskReplica(resolved, replica),
                    data.batches(),
                    step -> updater.getLearningRate(step, 0),
                    data.validation().apply(network, device),
                    described(device),
                    data.sha256(),
                    data.unit());
            return new TrainLoop(
                            config,
                            folder,
                            setup,
                            OuterOptimizer.of(config.train().resolvedOuter(), network.numParams()),
                            progress)
                    .run(spark, options);
        }
    }

    private static String described(Device device) {
        return device.matrixUnit().isEmpty() ? device.name() : device.name() + ", " + device.matrixUnit();
    }

    private static TaskData open(RunConfig config) {
        return switch (config.task()) {
            case LANGUAGE -> TextData.open(config);
            case IMAGES -> ImageData.open(config);
            case ANSWERS -> AnswerData.open(config);
        };
    }
}
