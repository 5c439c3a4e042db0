package org.seqpe.core.config;

/**
 * Everything that decides a run's result, parsed once from HOCON by {@link ConfigReader} and then only passed around. Each record
 * refuses values that cannot be; this one those that contradict each other across parts.
 *
 * @param name      what tables and plots call the run
 * @param seed      the root of every random choice
 * @param data      where the prepared tokens are and how they are read
 * @param model     the Transformer and its position encoding
 * @param objective the two auxiliary position losses and the random shift
 * @param optimizer AdamW, clipping and the learning-rate schedule
 * @param train     batch, steps, replicas and rounds
 * @param evaluation lengths and protocols of sweeps
 * @param device    what computes
 */
public record RunConfig(String name, long seed, DataConfig data, ModelConfig model, ObjectiveConfig objective, OptimizerConfig optimizer,
                        TrainConfig train, EvaluationConfig evaluation, DeviceConfig device) {
}
