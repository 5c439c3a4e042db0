package org.seqpe.model;

import org.seqpe.compute.Device;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.Parameters;

/**
 * What a model learns: language, images, answers. The trunk, the position encodings and the position objective never
 * ask which task they serve; training, checkpoints and rounds know a task through this interface alone. A task is a
 * description without state; {@link #open} binds it to parameters on a device.
 */
public interface Task {
    /** A short name for messages and reports, such as "language". */
    String name();

    /** The positions of a training sample. */
    Grid grid();

    /** Whether a position sees only itself and those before it. */
    boolean causal();

    /** Values of a sample's row of features in a DataSet. */
    int featureSize();

    /** Values of a sample's row of labels in a DataSet. */
    int labelSize();

    /** Classes of the head: the vocabulary of a language task. */
    int classes();

    /** Adds the arrays through which a sample enters the trunk; they come first in the parameter vector. */
    void addInputParameters(ModelConfig config, ParameterLayout.Builder layout);

    /** Adds the arrays of the head; they come after the trunk's last norm. */
    void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout);

    /**
     * How much some rows of labels weigh in means and averages: predicted tokens of a language task, labelled pictures
     * of an image task.
     *
     * @param labels rows of {@link #labelSize()} values
     */
    long weight(float[] labels);

    /** The task's first and last layers over these parameters. */
    TaskLayers open(Parameters parameters, Device device);
}
