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
import org.seqpe.compute.nd4j.HostVectors;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.Samples;
import org.seqpe.model.Task;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.ParameterStore;
import org.seqpe.model.seqpe.PositionSampler;
import org.seqpe.model.seqpe.PositionSource;

/**
 * The layer that DL4J trains: {@link #backpropGradient} runs a {@link TrainingStep} and keeps its score. The model is
 * built on first use, for the thread's {@link TrainingDevice}.
 */
public final class SeqPeTransformer extends FlatOutputLayer {
    private static final long serialVersionUID = 1L;

    private int replica;
    private transient Gradient gradient;
    private transient boolean takesWholeSteps;
    private transient TaskModel model;
    private transient PositionSource positions;
    private transient TrainingStep step;
    private transient ParameterStore store;
    private transient PendingReport pending;

    SeqPeTransformer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    /** Sets the number of this copy of the run's model, which decides positions and dropout masks. */
    public void setReplica(int newReplica) {
        if (newReplica != replica) {
            replica = newReplica;
            positions = null;
        }
    }

    /** Says that DL4J hands over its steps ({@link DeviceStep}) instead of subtracting them. */
    void takeWholeSteps() {
        takesWholeSteps = true;
        model = null;
    }

    /** Trains on the given positions instead of those of the run's samplers, until the replica changes. */
    public void setPositions(PositionSource newPositions) {
        positions = newPositions;
    }

    /**
     * The model over this layer's parameters, on the current thread's device. A new model begins with the values of
     * DL4J's vectors, and the first {@code fit} makes one; so whoever writes values into a model calls {@link #push}
     * afterwards.
     */
    public TaskModel model() {
        Device device = TrainingDevice.current();
        if (model == null || model.device() != device) {
            ModelSpec spec = layerConf().spec();
            store = new ParameterStore(
                    ModelLayout.of(spec), device, HostVectors.of(params()), HostVectors.of(getGradientsViewArray()));
            if (takesWholeSteps) {
                store.takeWholeSteps();
            }
            model = new TaskModel(spec, layerConf().settings().objective(), store.parameters(), device);
            step = new TrainingStep(model, layerConf().settings());
        }
        return model;
    }

    /** Copies parameters and moments from DL4J's vectors to the device. Call this after changing the vectors. */
    public void pull() {
        model();
        store.pull();
    }

    /** Copies parameters and moments from the device to DL4J's vectors. Call this before reading the vectors. */
    public void push() {
        if (model != null) {
            store.push();
        }
    }

    @Override
    void arraysChanged() {
        model = null;
    }

    /** Losses and norms of the last step, which may still be computed; null before the first. */
    public PendingReport pendingReport() {
        return pending;
    }

    /** The report of the last step, when the device has computed it; null before the first. */
    public StepReport report() {
        return pending == null ? null : pending.read();
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        LayerSettings settings = layerConf().settings();
        TaskModel current = model();
        if (positions == null) {
            positions = new PositionSampler(current.spec(), settings.objective(), settings.seed(), replica);
        }
        Task task = current.spec().task();
        int rows = Math.toIntExact(input.size(0));
        INDArray labels = getLabels();
        int batch = settings.batch();
        if (rows == 0
                || rows % batch != 0
                || input.size(1) != task.featureSize()
                || labels.size(0) != rows
                || labels.size(1) != task.labelSize()) {
            throw new IllegalArgumentException(
                    "Cannot train on a DataSet: expected features and labels of a multiple of " + batch + " rows with "
                            + task.featureSize() + " and " + task.labelSize() + " columns, found "
                            + Arrays.toString(input.shape()) + " and " + Arrays.toString(labels.shape()));
        }
        pending = step.run(positions, replica, iterationCount, values(input), values(labels));
        TrainingDevice.train(store);
        gradient = new DefaultGradient(getGradientsViewArray());
        gradient.gradientForVariable().put(FlatParamInitializer.FLAT, getGradientsViewArray());
        return new Pair<>(gradient, null);
    }

    /**
     * NaN: DL4J asks for the score after each {@link #backpropGradient}, and waiting for it would keep the host from
     * preparing the next step. {@link #score()} waits.
     */
    @Override
    public double computeScore(double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
        if (!training || pending == null) {
            throw new UnsupportedOperationException(
                    "Cannot score a SeqPE network through DL4J outside of training; use TaskModel");
        }
        return Double.NaN;
    }

    /** The total loss of the last step, when the device has computed it; NaN before the first. */
    @Override
    public double score() {
        return pending == null ? Double.NaN : report().losses().total();
    }

    @Override
    public Gradient gradient() {
        return gradient;
    }

    @Override
    public Pair<Gradient, Double> gradientAndScore() {
        return new Pair<>(gradient, Double.NaN);
    }

    /**
     * The head's output [rows, rows that the head reads, classes] for samples [rows, features]: for small inspections
     * only.
     */
    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        int rows = Math.toIntExact(input.size(0));
        TaskModel current = model();
        Task task = current.spec().task();
        current.layers().begin(new Samples(values(input), null, 0, rows));
        float[] outputs = current.layers()
                .outputs(current.evaluate(rows, task.grid(), task.grid()))
                .toArray();
        return Nd4j.create(outputs, rows, current.spec().readRows(task.grid()), task.classes());
    }

    private static float[] values(INDArray array) {
        return array.data().getFloatsAt(array.offset(), Math.toIntExact(array.length()));
    }
}
