package org.seqpe.model.qa;

import java.util.Optional;
import org.seqpe.model.Grid;
import org.seqpe.model.network.TaskModel;

/** Measures the answers of a {@link TaskModel} of an {@link AnswerTask}. Not thread-safe. */
public final class AnswerModel {
    private final TaskModel model;
    private final AnswerLayers layers;

    /** @throws IllegalArgumentException if the model has another task */
    public AnswerModel(TaskModel model) {
        if (!(model.layers() instanceof AnswerLayers answers)) {
            throw new IllegalArgumentException("Cannot score answers: expected a model of the task answers, found one"
                    + " of " + model.spec().task().name());
        }
        this.model = model;
        this.layers = answers;
    }

    /** The model behind this one. */
    public TaskModel model() {
        return model;
    }

    /**
     * The losses of the rows with a target, in nats and in their order; valid until the next call.
     *
     * @param tokens [B * T] of examples that begin at position 0, with any token as padding after their ends
     * @param targets [B * T], negative where no loss is asked for
     * @param contextLength the length that is being evaluated, at least T (a learned table is stretched to it)
     * @throws IllegalArgumentException if the encoding has no positions for that length; see {@link #refusal}
     */
    public float[] losses(int[] tokens, int[] targets, int batch, int length, int contextLength) {
        layers.begin(tokens, targets, batch * length);
        return layers.losses(model.evaluate(batch, new Grid(length), new Grid(contextLength)));
    }

    /** The reason why this model cannot read a context of the given length; empty if it can. */
    public Optional<String> refusal(int length) {
        return model.refusal(new Grid(length));
    }
}
