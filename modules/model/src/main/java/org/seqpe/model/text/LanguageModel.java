package org.seqpe.model.text;

import java.util.Optional;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.network.TaskModel;

/**
 * Evaluates a {@link TaskModel} of a {@link LanguageTask}: it takes windows of tokens and gives the losses of the
 * tokens. Not thread-safe.
 */
public final class LanguageModel {
    private final TaskModel model;
    private final LanguageLayers layers;

    /** @throws IllegalArgumentException if the model has another task */
    public LanguageModel(TaskModel model) {
        if (!(model.layers() instanceof LanguageLayers language)) {
            throw new IllegalArgumentException(
                    "Cannot score tokens: expected a model of the task language, found one of "
                            + model.spec().task().name());
        }
        this.model = model;
        this.layers = language;
    }

    /** The model behind this one. */
    public TaskModel model() {
        return model;
    }

    /**
     * The loss of every token, in nats; 0 where the target is negative. Valid until the next call.
     *
     * @param tokens [B * T] at positions 0 to T-1
     * @param targets [B * T]
     * @param contextLength the length that is being evaluated: T, or more for a last, shorter window (a learned table
     *     is stretched to it)
     * @throws IllegalArgumentException if the encoding has no positions for that length; see {@link #refusal}
     */
    public float[] losses(int[] tokens, int[] targets, int batch, int length, int contextLength) {
        return layers.losses(evaluate(tokens, batch, length, contextLength), targets);
    }

    /** The logits of every token, [B * T, V]: for inspections and tests. */
    public Tensor logits(int[] tokens, int batch, int length, int contextLength) {
        return layers.outputs(evaluate(tokens, batch, length, contextLength));
    }

    private Tensor evaluate(int[] tokens, int batch, int length, int contextLength) {
        layers.begin(tokens, batch * length);
        return model.evaluate(batch, new Grid(length), new Grid(contextLength));
    }

    /** The reason why this model cannot read a context of the given length; empty if it can. */
    public Optional<String> refusal(int length) {
        return model.refusal(new Grid(length));
    }
}
