package org.seqpe.model.dl4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.compute.nd4j.HostVectors;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterStore;

/** DL4J sees the model's parameters as one array; {@link ParameterLayout} names the parts of it. */
final class FlatParamInitializer implements ParamInitializer {
    /** The name of the only parameter. It has no underscore, because DL4J splits names there. */
    static final String FLAT = "parameters";

    static final FlatParamInitializer INSTANCE = new FlatParamInitializer();

    private FlatParamInitializer() {}

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return ModelLayout.of(((SeqPeTransformerLayer) layer).spec()).size();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.of(FLAT);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of(FLAT);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return Collections.emptyList();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return FLAT.equals(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray paramsView, boolean initializeParams) {
        SeqPeTransformerLayer layer = (SeqPeTransformerLayer) conf.getLayer();
        if (initializeParams) {
            ParameterLayout layout = ModelLayout.of(layer.spec());
            ParameterStore store =
                    new ParameterStore(layout, TrainingDevice.current(), HostVectors.of(paramsView), null);
            store.parameters().initialize(layer.settings().seed());
            store.push();
        }
        conf.addVariable(FLAT);
        Map<String, INDArray> table = new LinkedHashMap<>();
        table.put(FLAT, paramsView);
        return table;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray gradientView) {
        Map<String, INDArray> table = new LinkedHashMap<>();
        table.put(FLAT, gradientView);
        return table;
    }
}
