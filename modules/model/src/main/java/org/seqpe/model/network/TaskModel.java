package org.seqpe.model.network;

import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.Grid;
import org.seqpe.model.Losses;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.Placement;
import org.seqpe.model.Samples;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.position.PositionEncoding;
import org.seqpe.model.seqpe.EvaluationVectors;
import org.seqpe.model.seqpe.PositionEncoder;
import org.seqpe.model.seqpe.PositionObjective;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.transformer.RandomKeys;
import org.seqpe.model.transformer.Trunk;

/**
 * A whole model of any task: the task's layers around the trunk, the position encoding, and the training objective
 * (method.md). Memory for a batch shape is allocated when the shape first occurs, and reused afterwards. Not
 * thread-safe.
 */
public final class TaskModel {
    private final ModelSpec spec;
    private final ObjectiveConfig config;
    private final Parameters parameters;
    private final Device device;
    private final RandomKeys keys = new RandomKeys();
    private final TaskLayers layers;
    private Trunk training;
    private PositionObjective objective;
    private PlacedWindows placed;
    private Trunk evaluation;
    private EvaluationVectors evaluationVectors;
    private boolean keepsPositionVectors;
    private Grid evaluationGrid;
    private int[] evaluationPositions = new int[0];

    /**
     * @param config weights and forms of the two position losses; used for SeqPE only
     * @param parameters of {@link ModelLayout#of}; without gradients the model can only evaluate
     */
    public TaskModel(ModelSpec spec, ObjectiveConfig config, Parameters parameters, Device device) {
        this.spec = spec;
        this.config = config;
        this.parameters = parameters;
        this.device = device;
        layers = spec.task().open(parameters, device);
    }

    public ModelSpec spec() {
        return spec;
    }

    public Parameters parameters() {
        return parameters;
    }

    public Device device() {
        return device;
    }

    /** The layers of the model's task. */
    public TaskLayers layers() {
        return layers;
    }

    /**
     * Adds the gradient of taskFactor * (sum of the task's losses) + positionFactor * (the weighted position losses) to
     * the parameters' gradients. The call does not wait for the device: the losses are read from the sums afterwards.
     *
     * @param weight of the samples' labels, by {@link org.seqpe.model.Task#weight}
     * @param taskFactor 1 / (weight of the whole step) makes the task's loss a mean
     * @param positionFactor 1 / (micro-batches of the step)
     * @param sums receives the sums of the losses
     * @param slot the first of {@link PassLosses#SLOTS} places in {@code sums}
     */
    public PassLosses lossAndGradient(
            Samples samples,
            StepPositions positions,
            long weight,
            double taskFactor,
            double positionFactor,
            Doubles sums,
            int slot) {
        if (parameters.gradients() == null) {
            throw new IllegalStateException("Cannot train a model whose parameters have no gradients");
        }
        if (training == null) {
            training = new Trunk(
                    spec, PositionEncodings.create(spec, parameters, device, true), parameters, device, keys, true);
            objective = new PositionObjective(spec, config, parameters, device, keys);
        }
        keys.begin(positions.seed());
        objective.begin(positions, spec.grid().size());
        layers.begin(samples);
        PositionEncoding.Pass pass = pass(positions, samples.count());
        layers.input(training.input(samples.count(), spec.rows(pass.grid())));
        Tensor hidden = training.forward(pass);
        layers.lossAndGradient(hidden, (float) taskFactor, training.gradient(), sums, slot);
        layers.inputBackward(training.backward());
        if (layers.placement() != null) {
            placed.giveBack();
        }
        return new PassLosses(weight, taskFactor, objective.backward(positionFactor, sums, slot + 1));
    }

    /** The positions of a training pass. */
    private PositionEncoding.Pass pass(StepPositions positions, int samples) {
        Grid grid = spec.grid();
        PositionEncoding.Pass whole = new PositionEncoding.Pass(
                positions.windows(),
                positions.windowCount(),
                spec.task().leadingRows(),
                grid,
                grid,
                objective.vectors(),
                objective.dVectors());
        Placement placement = layers.placement();
        if (placement == null) {
            return whole;
        }
        if (placed == null) {
            placed = new PlacedWindows(device, grid, spec.isSeqPe() ? spec.positionWidth() : 1);
        }
        return placed.take(whole, training.readsDistances() ? Placement.of(placement.grid()) : placement, samples);
    }

    /** The same for one pass whose losses are returned at once: for inspections and tests. */
    public Losses lossAndGradient(
            Samples samples, StepPositions positions, long weight, double taskFactor, double positionFactor) {
        Doubles sums = device.allocateDoubles(PassLosses.SLOTS);
        return lossAndGradient(samples, positions, weight, taskFactor, positionFactor, sums, 0)
                .read(sums.toArray(), 0);
    }

    /**
     * Sets whether position vectors are kept from one evaluation to the next, until the next call of this method. That
     * is correct only while the parameters do not change. It is off at first.
     */
    public void keepPositionVectors(boolean keep) {
        keepsPositionVectors = keep;
        if (evaluationVectors != null) {
            evaluationVectors.keep(keep);
        }
    }

    /**
     * Runs samples through the trunk. Their {@code begin} on the task's layers must come first.
     *
     * @param batch B
     * @param grid the positions of a sample, T of them, from 0 on
     * @param context the grid that is being evaluated: the same, or a larger one for a last, shorter sample (a learned
     *     table is stretched to it)
     * @return the hidden states of the rows that the head reads, [B * rows, C], valid until the next call
     * @throws IllegalArgumentException if the encoding has no positions for that context; see {@link #refusal}
     */
    public Tensor evaluate(int batch, Grid grid, Grid context) {
        Optional<String> refusal = refusal(context);
        if (refusal.isPresent()) {
            throw new IllegalArgumentException("Cannot evaluate: " + refusal.get());
        }
        if (evaluation == null) {
            evaluation = new Trunk(
                    spec, PositionEncodings.create(spec, parameters, device, false), parameters, device, keys, false);
            if (spec.isSeqPe()) {
                evaluationVectors =
                        new EvaluationVectors(spec, device, new PositionEncoder(spec, parameters, device, keys, false));
                evaluationVectors.keep(keepsPositionVectors);
            }
        }
        if (!grid.equals(evaluationGrid)) {
            evaluationGrid = grid;
            evaluationPositions = grid.positions();
        }
        Tensor vectors = evaluationVectors == null ? null : evaluationVectors.first(grid, context);
        layers.input(evaluation.input(batch, spec.rows(grid)));
        return evaluation.forward(new PositionEncoding.Pass(
                evaluationPositions, 1, spec.task().leadingRows(), grid, context, vectors, null));
    }

    /** The reason why this model cannot read a context of the given grid; empty if it can. */
    public Optional<String> refusal(Grid context) {
        int positions = spec.position().maxPosition();
        return spec.isSeqPe() ? spec.seqpe().refusal(positions, context.extent()) : Optional.empty();
    }

    /**
     * The input of block {@code layer} in the last training pass, [B * T, C]. If {@code layer} is the number of layers,
     * the states after the last norm.
     */
    public Tensor hidden(int layer) {
        return training.hidden(layer);
    }
}
