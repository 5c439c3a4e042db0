package org.seqpe.model.dl4j;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.seqpe.core.config.RunConfig;

/** Makes the one-layer networks that are trained. */
public final class SeqPeNetworks {
    private SeqPeNetworks() {}

    /**
     * A network for a run, with its starting parameters.
     *
     * @param vocabulary the tokenizer's
     */
    public static MultiLayerNetwork create(RunConfig config, int vocabulary) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(LayerSettings.of(config, vocabulary)));
        network.init();
        return network;
    }

    /** DL4J's configuration of such a network. */
    public static MultiLayerConfiguration configuration(LayerSettings settings) {
        return new NeuralNetConfiguration.Builder()
                .seed(settings.seed())
                .dataType(DataType.FLOAT)
                // Our gradients are means already, and our activations are not DL4J's to keep.
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
