package org.seqpe.model.task;

import org.seqpe.core.config.AnswerConfig;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TaskKind;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.image.ImageTask;
import org.seqpe.model.qa.AnswerTask;
import org.seqpe.model.text.LanguageTask;

/** The tasks that a configuration can select. */
public final class Tasks {
    private Tasks() {}

    /**
     * The shape of a run's model.
     *
     * @param config with the vocabulary or the classes set ({@link RunConfig#resolveVocabulary},
     *     {@link RunConfig#resolveClasses})
     */
    public static ModelSpec spec(RunConfig config) {
        return spec(config.task(), config.model(), config.train().length(), config.image(), config.answers());
    }

    /**
     * The shape of a model.
     *
     * @param config with the vocabulary set, for a task of texts
     * @param length T of training, for a task of texts
     * @param image with the classes set, for an image task
     * @param answers for a task of answers
     */
    public static ModelSpec spec(
            TaskKind task, ModelConfig config, int length, ImageConfig image, AnswerConfig answers) {
        return new ModelSpec(
                config,
                switch (task) {
                    case LANGUAGE -> new LanguageTask(config.vocabulary(), length);
                    case IMAGES -> ImageTask.of(image);
                    case ANSWERS -> new AnswerTask(config.vocabulary(), length, answers.positions());
                });
    }

    /** The shape of a language model. */
    public static ModelSpec spec(ModelConfig config, int length) {
        return new ModelSpec(config, new LanguageTask(config.vocabulary(), length));
    }
}
