package org.seqpe.model.dl4j;

import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.DivergedException;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.model.LanguageModel;
import org.seqpe.model.Losses;
import org.seqpe.model.StepInputs;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;

/**
 * One optimizer step of one replica up to its gradients: the forward and backward passes of the step's batches, their means, and the clipping
 * of the two groups of gradients (method.md section 4).
 */
final class TrainingStep {
    /** As in PyTorch's clip_grad_norm_. */
    private static final double CLIP_EPSILON = 1e-6;

    private final LanguageModel model;
    private final OptimizerConfig optimizer;
    private final int batch;
    private final int size;
    private final int[] tokens;
    private final int[] targets;
    private double total;
    private double task;
    private double contrastive;
    private double transfer;
    private int transfers;

    /** @param model with gradients */
    TrainingStep(LanguageModel model, LayerSettings settings) {
        this.model = model;
        optimizer = settings.optimizer();
        batch = settings.batch();
        size = batch * settings.trainingLength();
        tokens = new int[size];
        targets = new int[size];
    }

    /**
     * Leaves the step's gradients in the model's parameters.
     *
     * @param features token ids of all batches, [batches * B * T]
     * @param labels   what follows each of them; negative where nothing is to be predicted
     * @throws DivergedException if the loss is no finite number
     */
    StepReport run(StepInputs inputs, int replica, int step, float[] features, float[] labels) {
        int batches = features.length / size;
        long predicted = 0;
        for (float label : labels) {
            predicted += label >= 0 ? 1 : 0;
        }
        Parameters parameters = model.parameters();
        model.device().fill(parameters.gradients(), 0);
        for (int i = 0; i < batches; i++) {
            for (int t = 0; t < size; t++) {
                tokens[t] = (int) features[i * size + t];
                targets[t] = (int) labels[i * size + t];
            }
            Losses losses = model.lossAndGradient(inputs.draw((long) step * batches + i, tokens, targets, batch), predicted == 0 ? 0 : 1.0 / predicted, 1.0 / batches);
            add(losses, predicted, batches);
        }
        if (!Double.isFinite(total)) {
            throw new DivergedException("Training diverged: the loss of replica " + replica + " is " + total + " at step " + step
                    + " (task " + task + ", contrastive " + contrastive + ", transfer " + transfer + " in " + transfers + " batches)");
        }
        double modelNorm = clip(parameters.gradients(Part.MODEL), optimizer.clip());
        double positionNorm = clip(parameters.gradients(Part.POSITION_ENCODER), optimizer.positionClip());
        return new StepReport(new Losses(task, predicted, contrastive, transfers == 0 ? Double.NaN : transfer / transfers, total), modelNorm, positionNorm);
    }

    private void add(Losses losses, long predicted, int batches) {
        total += losses.total();
        task += predicted == 0 ? 0 : losses.task() * losses.tokens() / predicted;
        contrastive += losses.contrastive() / batches;
        // Batches with shifted windows have no transfer loss.
        if (!Double.isNaN(losses.transfer())) {
            transfer += losses.transfer();
            transfers++;
        }
    }

    /** Scales a group of gradients down to the bound; returns its norm before. */
    private double clip(Tensor gradients, double bound) {
        if (gradients == null) {
            return 0;
        }
        Device device = model.device();
        double norm = Math.sqrt(device.sumOfSquares(gradients));
        double coefficient = bound == 0 ? 1 : bound / (norm + CLIP_EPSILON);
        if (coefficient < 1) {
            device.scale(gradients, (float) coefficient);
        }
        return norm;
    }
}
