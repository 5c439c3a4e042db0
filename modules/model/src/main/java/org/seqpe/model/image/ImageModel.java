package org.seqpe.model.image;

import java.util.Optional;
import org.seqpe.compute.Tensor;
import org.seqpe.model.Grid;
import org.seqpe.model.network.TaskModel;

/**
 * Evaluates a {@link TaskModel} of an {@link ImageTask}: it takes pictures of any size and gives the logits of their
 * classes. Not thread-safe.
 */
public final class ImageModel {
    private final TaskModel model;
    private final ImageTask task;
    private final ImageLayers layers;
    private float[] cut = new float[0];

    /** @throws IllegalArgumentException if the model has another task */
    public ImageModel(TaskModel model) {
        if (!(model.layers() instanceof ImageLayers images) || !(model.spec().task() instanceof ImageTask imageTask)) {
            throw new IllegalArgumentException(
                    "Cannot classify pictures: expected a model of the task images, found one of "
                            + model.spec().task().name());
        }
        this.model = model;
        this.task = imageTask;
        this.layers = images;
    }

    /** The model behind this one. */
    public TaskModel model() {
        return model;
    }

    /** Classes of the head. */
    public int classes() {
        return task.classes();
    }

    /**
     * The logits of pictures.
     *
     * @param pictures [count, 3, rows, columns], normalized as in training
     * @return [count, classes], valid until the next call
     * @throws IllegalArgumentException if the model cannot read that size; see {@link #refusal}
     */
    public Tensor logits(float[] pictures, int count, int rows, int columns) {
        Grid grid = task.patches().grid(rows, columns);
        int picture = Patches.CHANNELS * rows * columns;
        if (cut.length < count * picture) {
            cut = new float[count * picture];
        }
        for (int i = 0; i < count; i++) {
            task.patches().cut(pictures, i * picture, grid, cut, i * picture);
        }
        layers.begin(cut, 0, count, grid);
        return layers.outputs(model.evaluate(count, grid, grid));
    }

    /** The reason why this model cannot read pictures of the given size; empty if it can. */
    public Optional<String> refusal(int rows, int columns) {
        int size = task.patches().size();
        if (!task.patches().cover(rows, columns)) {
            return Optional.of("patches of " + size + " x " + size + " pixels do not divide pictures of " + rows + " x "
                    + columns);
        }
        return model.refusal(task.patches().grid(rows, columns));
    }
}
