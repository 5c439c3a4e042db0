package org.seqpe.model.dl4j;

import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.DivergedException;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.LanguageModel;
import org.seqpe.model.Losses;
import org.seqpe.model.ParameterLayout;
import org.seqpe.model.ParameterLayout.Part;
import org.seqpe.model.Parameters;
import org.seqpe.model.StepInputs;
import org.seqpe.model.StepSampler;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The layer at work: {@link #backpropGradient} runs the forward and backward passes of a step's batches, clips the two groups of gradients
 * and keeps the score. Built on first use for the thread's {@link TrainingDevice}.
 */
public final class SeqPeTransformer extends AbstractLayer<SeqPeTransformerLayer> implements IOutputLayer {
    private static final long serialVersionUID = 1L;
    /** As in PyTorch's clip_grad_norm_. */
    private static final double CLIP_EPSILON = 1e-6;

    private INDArray flatParameters;
    private INDArray flatGradients;
    private Map<String, INDArray> table;
    private INDArray labels;
    private int replica;
    private double score = Double.NaN;
    private transient Gradient gradient;
    private transient LanguageModel model;
    private transient StepInputs inputs;
    private transient StepReport report;
    private transient int[] tokens = new int[0];
    private transient int[] targets = new int[0];

    SeqPeTransformer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** Which of the run's model copies this is; decides positions and dropout masks. */
    public void setReplica(int newReplica) {
        if (newReplica != replica) {
            replica = newReplica;
            inputs = null;
        }
    }

    /** Trains on given positions instead of the run's samplers; forgotten when the replica changes. */
    public void setInputs(StepInputs newInputs) {
        inputs = newInputs;
    }

    /** The model over this layer's parameters, on the current thread's device. */
    public LanguageModel model() {
        Device device = TrainingDevice.current();
        if (model == null || model.device() != device) {
            Tensor gradients = flatGradients == null ? null : device.wrap(flatGradients.reshape(flatGradients.length()));
            ParameterLayout layout = layerConf().spec().layout();
            model = new LanguageModel(layerConf().spec(), layerConf().settings().objective(),
                    new Parameters(layout, device.wrap(flatParameters.reshape(flatParameters.length())), gradients), device);
        }
        return model;
    }

    /** What the last step measured; null before the first. */
    public StepReport report() {
        return report;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        LayerSettings settings = layerConf().settings();
        LanguageModel current = model();
        if (inputs == null) {
            inputs = new StepSampler(current.spec(), settings.objective(), settings.seed(), replica);
        }
        int rows = Math.toIntExact(input.size(0));
        int batch = settings.batch();
        int length = settings.trainingLength();
        if (rows == 0 || rows % batch != 0 || input.size(1) != length || labels.size(0) != rows || labels.size(1) != length) {
            throw new IllegalArgumentException("Cannot train on a DataSet: expected features and labels of a multiple of " + batch + " rows and " + length
                    + " columns, found " + Arrays.toString(input.shape()) + " and " + Arrays.toString(labels.shape()));
        }
        int batches = rows / batch;
        float[] features = input.data().getFloatsAt(input.offset(), rows * length);
        float[] wanted = labels.data().getFloatsAt(labels.offset(), rows * length);
        long predicted = 0;
        for (float label : wanted) {
            predicted += label >= 0 ? 1 : 0;
        }
        allocate(batch * length);
        Parameters parameters = current.parameters();
        current.device().fill(parameters.gradients(), 0);
        double total = 0;
        double task = 0;
        double contrastive = 0;
        double transfer = 0;
        int transfers = 0;
        for (int i = 0; i < batches; i++) {
            for (int t = 0; t < batch * length; t++) {
                tokens[t] = (int) features[i * batch * length + t];
                targets[t] = (int) wanted[i * batch * length + t];
            }
            Losses losses = current.lossAndGradient(inputs.draw((long) iterationCount * batches + i, tokens, targets, batch),
                    predicted == 0 ? 0 : 1.0 / predicted, 1.0 / batches);
            total += losses.total();
            task += predicted == 0 ? 0 : losses.task() * losses.tokens() / predicted;
            contrastive += losses.contrastive() / batches;
            // Batches with shifted windows have no transfer loss.
            if (!Double.isNaN(losses.transfer())) {
                transfer += losses.transfer();
                transfers++;
            }
        }
        if (!Double.isFinite(total)) {
            throw new DivergedException("Training diverged: the loss of replica " + replica + " is " + total + " at step " + iterationCount
                    + " (task " + task + ", contrastive " + contrastive + ", transfer " + transfer + " in " + transfers + " batches)");
        }
        OptimizerConfig optimizer = settings.optimizer();
        double modelNorm = clip(current.device(), parameters.gradients(Part.MODEL), optimizer.clip());
        double positionNorm = clip(current.device(), parameters.gradients(Part.POSITION_ENCODER), optimizer.positionClip());
        report = new StepReport(new Losses(task, predicted, contrastive, transfers == 0 ? Double.NaN : transfer / transfers, total), modelNorm, positionNorm);
        score = total;
        gradient = new DefaultGradient(flatGradients);
        gradient.gradientForVariable().put(FlatParamInitializer.FLAT, flatGradients);
        return new Pair<>(gradient, null);
    }

    /** Scales a group of gradients down to the bound; returns its norm before. */
    private static double clip(Device device, Tensor gradients, double bound) {
        if (gradients == null) {
            return 0;
        }
        double norm = Math.sqrt(device.sumOfSquares(gradients));
        double coefficient = bound == 0 ? 1 : bound / (norm + CLIP_EPSILON);
        if (coefficient < 1) {
            device.scale(gradients, (float) coefficient);
        }
        return norm;
    }

    private void allocate(int size) {
        if (tokens == null || tokens.length != size) {
            tokens = new int[size];
            targets = new int[size];
        }
    }

    /** The score of the last {@link #backpropGradient}: DL4J asks for it afterwards, and the model does not go forward twice. */
    @Override
    public double computeScore(double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (!training || report == null) {
            throw new UnsupportedOperationException("Cannot score a SeqPE network through DL4J outside of training; use LanguageModel.losses");
        }
        return score + fullNetworkRegScore;
    }

    @Override
    public double score() {
        return score;
    }

    @Override
    public Gradient gradient() {
        return gradient;
    }

    @Override
    public Pair<Gradient, Double> gradientAndScore() {
        return new Pair<>(gradient, score);
    }

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
        model = null;
    }

    @Override
    public INDArray getGradientsViewArray() {
        return flatGradients;
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray gradients) {
        flatGradients = gradients;
        model = null;
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

    /** The logits [rows, T, V] of token ids [rows, T]: for small inspections only. */
    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        int rows = Math.toIntExact(input.size(0));
        int length = Math.toIntExact(input.size(1));
        int[] ids = new int[rows * length];
        float[] features = input.data().getFloatsAt(input.offset(), ids.length);
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) features[i];
        }
        float[] logits = model().logits(ids, rows, length, length).toArray();
        return Nd4j.create(logits, rows, length, layerConf().settings().model().vocabulary());
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
        return layerConf().settings().model().vocabulary();
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
    public void clearNoiseWeightParams() {
    }

    @Override
    public void clear() {
        input = null;
        labels = null;
    }

    private static UnsupportedOperationException notAClassifier() {
        return new UnsupportedOperationException("A language model is not a classifier: use LanguageModel.losses");
    }

    private static UnsupportedOperationException notAlone() {
        return new UnsupportedOperationException("Train the network, not its layer: MultiLayerNetwork.fit");
    }
}
