package org.seqpe.model.dl4j;

import org.seqpe.compute.Device;
import org.seqpe.compute.Doubles;
import org.seqpe.compute.Tensor;
import org.seqpe.core.DivergedException;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.Losses;
import org.seqpe.model.Samples;
import org.seqpe.model.Task;
import org.seqpe.model.network.PassLosses;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.PositionSource;

/**
 * One optimizer step of one replica up to its gradients: the forward and backward passes of the step's micro-batches,
 * their means, and the clipping of the two groups of gradients (method.md section 4). Losses and norms are read from
 * the device once, at the end.
 */
final class TrainingStep {
    private final TaskModel model;
    private final Task task;
    private final OptimizerConfig optimizer;
    private final int batch;
    private Doubles sums;
    private double total;
    private double taskLoss;
    private double contrastive;
    private double transfer;
    private int transfers;

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
     * @throws DivergedException if the loss is not finite
     */
    StepReport run(PositionSource positions, int replica, int step, float[] features, float[] labels) {
        int batches = features.length / (batch * task.featureSize());
        int norms = batches * PassLosses.SLOTS;
        if (sums == null || sums.capacity() != norms + Part.values().length) {
            sums = model.device().allocateDoubles(norms + Part.values().length);
        }
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
                    sums,
                    i * PassLosses.SLOTS);
        }
        clip(parameters.gradients(Part.MODEL), optimizer.clip(), norms + Part.MODEL.ordinal());
        clip(
                parameters.gradients(Part.POSITION_ENCODER),
                optimizer.positionClip(),
                norms + Part.POSITION_ENCODER.ordinal());
        double[] read = sums.toArray();
        reset();
        for (int i = 0; i < batches; i++) {
            add(passes[i].read(read, i * PassLosses.SLOTS), batches);
        }
        if (!Double.isFinite(total)) {
            throw new DivergedException("Training diverged: the loss of replica " + replica + " is " + total
                    + " at step " + step + " (task " + taskLoss + ", contrastive " + contrastive + ", transfer "
                    + transfer + " in " + transfers + " batches)");
        }
        boolean encodes = parameters.gradients(Part.POSITION_ENCODER) != null;
        return new StepReport(
                new Losses(taskLoss, weight, contrastive, transfers == 0 ? Double.NaN : transfer / transfers, total),
                Math.sqrt(read[norms + Part.MODEL.ordinal()]),
                encodes ? Math.sqrt(read[norms + Part.POSITION_ENCODER.ordinal()]) : 0);
    }

    private void reset() {
        total = 0;
        taskLoss = 0;
        contrastive = 0;
        transfer = 0;
        transfers = 0;
    }

    private void add(Losses losses, int batches) {
        total += losses.total();
        taskLoss += losses.task();
        contrastive += losses.contrastive() / batches;
        // Micro-batches with shifted windows have no transfer loss.
        if (!Double.isNaN(losses.transfer())) {
            transfer += losses.transfer();
            transfers++;
        }
    }

    /** Scales a group of gradients down to the bound, and leaves its squared norm before clipping in the slot. */
    private void clip(Tensor gradients, double bound, int slot) {
        if (gradients != null) {
            Device device = model.device();
            device.sumOfSquares(gradients, sums, slot);
            device.clip(gradients, sums, slot, bound);
        }
    }
}
