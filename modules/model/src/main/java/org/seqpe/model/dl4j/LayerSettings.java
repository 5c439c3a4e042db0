package org.seqpe.model.dl4j;

import org.seqpe.core.config.AnswerConfig;
import org.seqpe.core.config.ImageConfig;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.ObjectiveConfig;
import org.seqpe.core.config.OptimizerConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TaskKind;

/**
 * The part of a run's configuration that the layer needs; stored in the network's JSON.
 *
 * @param model with the vocabulary set
 * @param task what is learned
 * @param trainingLength T of a language task
 * @param image with the classes set, for an image task
 * @param batch samples that go through the model at once; a step's DataSet has a multiple of this number
 * @param steps optimizer steps of the run, for the schedule
 */
public record LayerSettings(
        ModelConfig model,
        ObjectiveConfig objective,
        OptimizerConfig optimizer,
        TaskKind task,
        int trainingLength,
        ImageConfig image,
        AnswerConfig answers,
        int batch,
        int steps,
        long seed) {
    /** @param config with the vocabulary set ({@link RunConfig#resolveVocabulary}) */
    public static LayerSettings of(RunConfig config) {
        return new LayerSettings(
                config.model(),
                config.objective(),
                config.optimizer(),
                config.task(),
                config.train().length(),
                config.image(),
                config.answers(),
                config.train().batch(),
                config.train().steps(),
                config.seed());
    }
}
