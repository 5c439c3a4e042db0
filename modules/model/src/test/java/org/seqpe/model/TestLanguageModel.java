package org.seqpe.model;

import java.util.Optional;
import org.seqpe.compute.Device;
import org.seqpe.compute.Tensor;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.model.network.TaskModel;
import org.seqpe.model.params.Parameters;
import org.seqpe.model.seqpe.StepPositions;
import org.seqpe.model.text.LanguageModel;

/** A language model as tests use it: training passes over arrays of tokens, and evaluation. */
public final class TestLanguageModel {
    private final TaskModel model;
    private final LanguageModel language;

    public TestLanguageModel(ModelSpec spec, ObjectiveConfig objective, Parameters parameters, Device device) {
        model = new TaskModel(spec, objective, parameters, device);
        language = new LanguageModel(model);
    }

    /** A training pass whose losses are read at once. */
    public Losses lossAndGradient(
            int[] tokens, int[] targets, int batch, StepPositions positions, double taskFactor, double positionFactor) {
        Samples samples = Samples.of(tokens, targets, batch);
        return model.lossAndGradient(
                samples, positions, model.spec().task().weight(samples.labels()), taskFactor, positionFactor);
    }

    public TaskModel model() {
        return model;
    }

    public ModelSpec spec() {
        return model.spec();
    }

    public Device device() {
        return model.device();
    }

    public Parameters parameters() {
        return model.parameters();
    }

    public Tensor hidden(int layer) {
        return model.hidden(layer);
    }

    /** The logits of the last training pass, [B * T, V]. */
    public Tensor trainingLogits() {
        return model.layers().outputs(model.hidden(model.spec().config().layers()));
    }

    public float[] losses(int[] tokens, int[] targets, int batch, int length, int contextLength) {
        return language.losses(tokens, targets, batch, length, contextLength);
    }

    public Tensor logits(int[] tokens, int batch, int length, int contextLength) {
        return language.logits(tokens, batch, length, contextLength);
    }

    public Optional<String> refusal(int length) {
        return language.refusal(length);
    }
}
