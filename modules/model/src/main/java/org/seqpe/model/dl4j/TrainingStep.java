package org.seqpe.model.dl4j;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.Samples;
import org.seqpe.model.Task;
import org.seqpe.model.network.PassLosses;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSource;

/**
 * One optimizer step of one replica up to its gradients: the forward and backward passes of the step's micro-batches,
 * their means, and the clipping of the two groups of gradients (method.md section 4). Nothing here waits for the
 * device: losses and norms are asked for and read later, so that the host prepares the next step while this one is
 * computed.
 */
final class TrainingStep {
    private final TaskModel model;
    private final Task task;
    private final OptimizerConfig optimizer;
    private final int batch;
    /** Steps take turns: one is read while the next is computed. */
    private final Doubles[] sums = new Doubles[2];

    private int turn;

    /** @param model with gradients */
    TrainingStep(TaskModel model, LayerSettings settings) {
        this.model = model;
        task = model.spec().task();
        optimizer = settings.optimizer();
        batch = settings.batch();
    }

    /**
     * Leaves the step's gradients in the model's parameters.
     *
     * @param features rows of all micro-batches, of the task's feature size
     * @param labels as many rows of the task's label size
     * @return losses and norms, which have to be read before the step after the next one
     */
    PendingReport run(PositionSource positions, int replica, int step, float[] features, float[] labels) {
        int batches = features.length / (batch * task.featureSize());
        int norms = batches * PassLosses.SLOTS;
        Doubles results = results(norms + Part.values().length);
        long weight = task.weight(labels);
        Parameters parameters = model.parameters();
        model.device().fill(parameters.gradients(), 0);
        PassLosses[] passes = new PassLosses[batches];
        for (int i = 0; i < batches; i++) {
            passes[i] = model.lossAndGradient(
                    new Samples(features, labels, i * batch, batch),
                    positions.draw((long) step * batches + i),
                    weight,
                    weight == 0 ? 0 : 1.0 / weight,
                    1.0 / batches,
                    results,
                    i * PassLosses.SLOTS);
        }
        clip(parameters.gradients(Part.MODEL), optimizer.clip(), results, norms + Part.MODEL.ordinal());
        Tensor encoder = parameters.gradients(Part.POSITION_ENCODER);
        clip(encoder, optimizer.positionClip(), results, norms + Part.POSITION_ENCODER.ordinal());
        results.ask();
        return new PendingReport(results, passes, weight, encoder != null, replica, step);
    }

    private Doubles results(int size) {
        turn = 1 - turn;
        if (sums[turn] == null || sums[turn].capacity() != size) {
            sums[turn] = model.device().allocateDoubles(size);
        }
        return sums[turn];
    }

    /** Scales a group of gradients down to the bound, and leaves its squared norm before clipping in the slot. */
    private void clip(Tensor gradients, double bound, Doubles results, int slot) {
        if (gradients != null) {
            Device device = model.device();
            device.sumOfSquares(gradients, results, slot);
            device.clip(gradients, results, slot, bound);
        }
    }
}
