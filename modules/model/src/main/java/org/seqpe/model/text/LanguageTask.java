package org.seqpe.model.text;

import org.seqpe.compute.Device;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.model.Grid;
import org.seqpe.model.TaskLayers;
import org.seqpe.model.params.InitialValues;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.params.ParameterLayout.Decay;
import org.seqpe.model.params.ParameterLayout.Part;
import org.seqpe.model.params.Parameters;

/**
 * Language modelling as in GPT-2. Features are token ids; labels are the tokens that follow, negative where no token is
 * predicted. The head is tied to the token embedding.
 *
 * @param vocabulary V
 * @param length T, tokens of a training window
 */
public record LanguageTask(int vocabulary, int length) implements TextTask {
    /** Name of the token embedding, [V, C]. */
    public static final String EMBEDDING = "transformer.wte.weight";

    public LanguageTask {
        if (vocabulary < 1) {
            throw new IllegalArgumentException(
                    "Cannot build a model: expected a vocabulary of at least 1, found " + vocabulary);
        }
    }

    @Override
    public String name() {
        return "language";
    }

    @Override
    public Grid grid() {
        return new Grid(length);
    }

    @Override
    public boolean causal() {
        return true;
    }

    @Override
    public int featureSize() {
        return length;
    }

    @Override
    public int labelSize() {
        return length;
    }

    @Override
    public int classes() {
        return vocabulary;
    }

    @Override
    public void addInputParameters(ModelConfig config, ParameterLayout.Builder layout) {
        layout.group("token embeddings")
                .add(
                        EMBEDDING,
                        Part.MODEL,
                        Decay.ALWAYS,
                        InitialValues.normal(config.initStd()),
                        vocabulary,
                        config.width());
    }

    /** Adds nothing: the head uses the embedding. */
    @Override
    public void addHeadParameters(ModelConfig config, ParameterLayout.Builder layout) {}

    /** Number of predicted tokens. */
    @Override
    public long weight(float[] labels) {
        long predicted = 0;
        for (float label : labels) {
            predicted += label >= 0 ? 1 : 0;
        }
        return predicted;
    }

    @Override
    public TaskLayers open(Parameters parameters, Device device) {
        return new LanguageLayers(length, parameters, device);
    }
}
