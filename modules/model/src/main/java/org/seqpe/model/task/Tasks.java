package org.seqpe.model.task;

import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.text.LanguageTask;

/** The tasks that a configuration can select. Language modelling is the only one. */
public final class Tasks {
    private Tasks() {}

    /**
     * The shape of a run's model.
     *
     * @param config with the vocabulary set ({@link RunConfig#resolveVocabulary})
     */
    public static ModelSpec spec(RunConfig config) {
        return spec(config.model(), config.train().length());
    }

    /**
     * The shape of a model.
     *
     * @param config with the vocabulary set
     * @param length T of training
     */
    public static ModelSpec spec(ModelConfig config, int length) {
        return new ModelSpec(config, new LanguageTask(config.vocabulary(), length));
    }
}
