package org.seqpe.model.dl4j;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.model.LanguageModel;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.StepInputs;
import org.seqpe.model.StepSampler;
import org.seqpe.model.params.Parameters;

/**
 * The layer at work: {@link #backpropGradient} takes a {@link TrainingStep} and keeps its score. The model is built on first use for the
 * thread's {@link TrainingDevice}.
 */
public final class SeqPeTransformer extends FlatOutputLayer {
    private static final long serialVersionUID = 1L;

    private int replica;
    private double score = Double.NaN;
    private transient Gradient gradient;
    private transient LanguageModel model;
    private transient StepInputs inputs;
    private transient StepReport report;

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
            ModelSpec spec = layerConf().spec();
            Parameters parameters = new Parameters(spec.layout(), wrap(device, params()), wrap(device, getGradientsViewArray()));
            model = new LanguageModel(spec, layerConf().settings().objective(), parameters, device);
        }
        return model;
    }

    private static Tensor wrap(Device device, INDArray array) {
        return array == null ? null : device.wrap(array.reshape(array.length()));
    }

    @Override
    void arraysChanged() {
        model = null;
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
        INDArray labels = getLabels();
        int batch = settings.batch();
        int length = settings.trainingLength();
        if (rows == 0 || rows % batch != 0 || input.size(1) != length || labels.size(0) != rows || labels.size(1) != length) {
            throw new IllegalArgumentException("Cannot train on a DataSet: expected features and labels of a multiple of " + batch + " rows and " + length
                    + " columns, found " + Arrays.toString(input.shape()) + " and " + Arrays.toString(labels.shape()));
        }
        report = new TrainingStep(current, settings).run(inputs, replica, iterationCount, input.data().getFloatsAt(input.offset(), rows * length),
                labels.data().getFloatsAt(labels.offset(), rows * length));
        score = report.losses().total();
        gradient = new DefaultGradient(getGradientsViewArray());
        gradient.gradientForVariable().put(FlatParamInitializer.FLAT, getGradientsViewArray());
        return new Pair<>(gradient, null);
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
}
