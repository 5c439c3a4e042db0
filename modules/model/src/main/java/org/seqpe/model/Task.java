package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;

/**
 * What a model learns: language, images or answers. The trunk, the position encodings and the position objective do not
 * depend on the task. Training, checkpoints and rounds use a task only through this interface. A task is a description
 * without state; {@link #open} binds it to parameters on a device.
 */
public interface Task {
    /** A short name for messages and reports, such as "language". */
    String name();

    /** The positions of a training sample. */
    Grid grid();

    /**
     * Rows of a sample in front of those with a place in the grid, such as the class token of an image. A sample has as
     * many rows as these and its grid's positions together.
     */
    default int leadingRows() {
        return 0;
    }

    /** Whether a position sees only itself and those before it. */
    boolean causal();

    /** Number of values in a sample's row of features in a DataSet. */
    int featureSize();

    /** Number of values in a sample's row of labels in a DataSet. */
    int labelSize();

    /** Number of classes of the head; for a language task, the size of its vocabulary. */
    int classes();

    /** Adds the parameters of the input layer; they come first in the parameter vector. */
    void addInputParameters(ModelConfig config, ParameterLayout.Builder layout);

    /** Adds the parameters of the head; they come after the trunk's last norm. */
    void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout);

    /**
     * The weight of rows of labels in means and averages: the number of predicted tokens of a language task, or of
     * labelled pictures of an image task.
     *
     * @param labels rows of {@link #labelSize()} values
     */
    long weight(float[] labels);

    /** Rows of a sample, from the first on, that the head reads; 0 for all of them. */
    default int readRows() {
        return 0;
    }

    /** Creates the task's first and last layers over these parameters. */
    TaskLayers open(Parameters parameters, Device device);
}
