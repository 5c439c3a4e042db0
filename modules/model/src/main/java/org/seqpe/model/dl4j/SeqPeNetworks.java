package org.seqpe.model.dl4j;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.core.config.RunConfig;

/** Creates the one-layer networks for training. */
public final class SeqPeNetworks {
    private SeqPeNetworks() {}

    /**
     * A network with its starting parameters, which the thread's device draws.
     *
     * @param config with the vocabulary set ({@link RunConfig#resolveVocabulary})
     */
    public static MultiLayerNetwork create(RunConfig config) {
        return create(LayerSettings.of(config));
    }

    /** A network with its starting parameters, drawn by the thread's device. */
    public static MultiLayerNetwork create(LayerSettings settings) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(settings));
        network.init();
        return leavingStepsToTheDevice(network);
    }

    /** A network whose parameters are all 0, for a caller that sets them. */
    public static MultiLayerNetwork createUndrawn(LayerSettings settings) {
        MultiLayerConfiguration configuration = configuration(settings);
        long size = FlatParamInitializer.INSTANCE.numParams(configuration.getConf(0));
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init(Nd4j.zeros(DataType.FLOAT, 1, size), false);
        return leavingStepsToTheDevice(network);
    }

    private static MultiLayerNetwork leavingStepsToTheDevice(MultiLayerNetwork network) {
        network.setGradientsAccumulator(new DeviceStep());
        layer(network).takeWholeSteps();
        return network;
    }

    /** DL4J's configuration of such a network. */
    public static MultiLayerConfiguration configuration(LayerSettings settings) {
        return new NeuralNetConfiguration.Builder()
                .seed(settings.seed())
                .dataType(DataType.FLOAT)
                // Our gradients are means already, and DL4J does not manage our activations.
                .miniBatch(false)
                .trainingWorkspaceMode(WorkspaceMode.NONE)
                .inferenceWorkspaceMode(WorkspaceMode.NONE)
                .list()
                .layer(new SeqPeTransformerLayer(settings))
                .build();
    }

    /** The layer of a network that {@link #create} made. */
    public static SeqPeTransformer layer(MultiLayerNetwork network) {
        return (SeqPeTransformer) network.getOutputLayer();
    }
}
