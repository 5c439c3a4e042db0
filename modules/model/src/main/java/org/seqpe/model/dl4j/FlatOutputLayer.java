package org.seqpe.model.dl4j;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Implements DL4J's interface for an output layer whose parameters and gradients are one array each
 * ({@link FlatParamInitializer}). Methods that only a classifier can offer, or that the network performs for its layer,
 * throw an exception.
 */
abstract class FlatOutputLayer extends AbstractLayer<SeqPeTransformerLayer> implements IOutputLayer {
    private static final long serialVersionUID = 1L;

    private INDArray flatParameters;
    private INDArray flatGradients;
    private Map<String, INDArray> table;
    private INDArray labels;

    FlatOutputLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** Called when the parameters or gradients have been replaced by another array. */
    abstract void arraysChanged();

    @Override
    public INDArray params() {
        return flatParameters;
    }

    @Override
    public long numParams() {
        return flatParameters.length();
    }

    @Override
    public long numParams(boolean backwards) {
        return numParams();
    }

    @Override
    public void setParams(INDArray params) {
        if (params != flatParameters) {
            flatParameters.reshape(flatParameters.length()).assign(params.reshape(params.length()));
        }
    }

    @Override
    public void setParamsViewArray(INDArray params) {
        flatParameters = params;
        arraysChanged();
    }

    @Override
    public INDArray getGradientsViewArray() {
        return flatGradients;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray gradients) {
        flatGradients = gradients;
        arraysChanged();
    }

    @Override
    public void setParamTable(Map<String, INDArray> paramTable) {
        table = paramTable;
    }

    @Override
    public Map<String, INDArray> paramTable() {
        return table;
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropParamsOnly) {
        return table;
    }

    @Override
    public INDArray getParam(String param) {
        return table.get(param);
    }

    @Override
    public void setParam(String key, INDArray val) {
        table.get(key).assign(val);
    }

    @Override
    public boolean updaterDivideByMinibatch(String paramName) {
        return false;
    }

    @Override
    public boolean needsLabels() {
        return true;
    }

    @Override
    public void setLabels(INDArray newLabels) {
        labels = newLabels;
    }

    @Override
    public INDArray getLabels() {
        return labels;
    }

    @Override
    public INDArray computeScoreForExamples(double fullNetworkRegScore, LayerWorkspaceMgr workspaceMgr) {
        throw notAClassifier();
    }

    @Override
    public double f1Score(DataSet data) {
        throw notAClassifier();
    }

    @Override
    public double f1Score(INDArray examples, INDArray wanted) {
        throw notAClassifier();
    }

    @Override
    public int numLabels() {
        return layerConf().spec().task().classes();
    }

    @Override
    public void fit(DataSetIterator iter) {
        throw notAlone();
    }

    @Override
    public int[] predict(INDArray examples) {
        throw notAClassifier();
    }

    @Override
    public List<String> predict(DataSet dataSet) {
        throw notAClassifier();
    }

    @Override
    public void fit(INDArray examples, INDArray wanted) {
        throw notAlone();
    }

    @Override
    public void fit(DataSet data) {
        throw notAlone();
    }

    @Override
    public void fit(INDArray examples, int[] wanted) {
        throw notAlone();
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public void clearNoiseWeightParams() {}

    @Override
    public void clear() {
        input = null;
        labels = null;
    }

    private static UnsupportedOperationException notAClassifier() {
        return new UnsupportedOperationException(
                "Cannot use the network as one of DL4J's classifiers: use its TaskModel");
    }

    private static UnsupportedOperationException notAlone() {
        return new UnsupportedOperationException("Train the network, not its layer: MultiLayerNetwork.fit");
    }
}
