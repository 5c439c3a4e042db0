package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.notBlank;
import static org.seqpe.core.config.Checks.require;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import org.seqpe.core.config.PositionConfig.Encoding;

/**
 * Everything that decides a run's result, parsed once from HOCON by {@link ConfigReader} and then passed as an object.
 * Each record rejects its own invalid values; this one rejects values of different parts that contradict each other.
 * Rejections are {@link ConfigProblem}s.
 *
 * @param name name of the run in tables and plots
 * @param seed the root of every random choice
 * @param data where the prepared tokens are and how they are read
 * @param model the Transformer and its position encoding
 * @param objective the two auxiliary position losses and the random shift
 * @param optimizer AdamW, clipping and the learning-rate schedule
 * @param train batch, steps, replicas and rounds
 * @param evaluation lengths and protocols of sweeps
 * @param device the device that computes
 */
public record RunConfig(
        @MayChange String name,
        long seed,
        DataConfig data,
        ModelConfig model,
        ObjectiveConfig objective,
        OptimizerConfig optimizer,
        TrainConfig train,
        @MayChange EvaluationConfig evaluation,
        @MayChange DeviceConfig device)
        implements Serializable {
    public RunConfig {
        notBlank("name", name, "tables and plots call the run by it");
        PositionConfig position = model.position();
        if (position.encoding() == Encoding.SEQPE) {
            require(
                    position.seqpe().dimensions() == 1,
                    "expected 1, because the language task has positions of one coordinate, found "
                            + position.seqpe().dimensions() + "; set dimensions = 1",
                    "model.position.seqpe.dimensions");
            require(
                    train.length() <= position.maxPosition(),
                    "expected a training length of at most the " + position.maxPosition()
                            + " positions there are, found " + train.length()
                            + "; raise max-position or shorten the length",
                    "train.length",
                    "model.position.max-position");
        }
        if (position.encoding() == Encoding.LEARNED) {
            require(
                    position.learnedRows() == 0 || position.learnedRows() >= train.length(),
                    "expected a learned table of at least the training length " + train.length() + ", found "
                            + position.learnedRows() + " rows; set learned-rows = 0 to follow the length",
                    "model.position.learned-rows",
                    "train.length");
        }
        if (position.encoding() == Encoding.SEQPE) {
            checkContrastive(objective.contrastive(), position.maxPosition());
            checkTransfer(objective.transfer(), train.length(), position.maxPosition());
            checkShift(objective.shift(), train.batch());
        }
        require(
                optimizer.schedule().warmupSteps() <= train.steps(),
                "expected a warmup of at most the " + train.steps() + " steps of the run, found "
                        + optimizer.schedule().warmupSteps() + "; shorten the warmup or raise steps",
                "optimizer.schedule.warmup-steps",
                "train.steps");
    }

    /** The device that the driver validates and sweeps on, which need not be that of the replicas. */
    public DeviceConfig driverDevice() {
        return evaluation.device() == EvaluationConfig.Place.SAME
                ? device
                : new DeviceConfig(
                        DeviceConfig.Kind.valueOf(evaluation.device().name()),
                        device.resource(),
                        "",
                        device.threads(),
                        DeviceConfig.Precision.FLOAT32);
    }

    private static void checkContrastive(ObjectiveConfig.Contrastive contrastive, int maxPosition) {
        if (contrastive.weight() > 0) {
            long window = Math.max(contrastive.range(), contrastive.leastWindow());
            require(
                    window <= maxPosition,
                    "expected at least as many positions as the sampling window max(range, 5 candidates) = " + window
                            + ", found " + maxPosition + "; raise max-position, or lower range and candidates",
                    "model.position.max-position",
                    "objective.contrastive.range",
                    "objective.contrastive.candidates");
        }
    }

    private static void checkTransfer(ObjectiveConfig.Transfer transfer, int length, int maxPosition) {
        if (transfer.weight() > 0) {
            require(
                    transfer.offsets() <= length,
                    "expected at most as many offsets as the training length " + length + ", found "
                            + transfer.offsets() + "; lower offsets or raise the length",
                    "objective.transfer.offsets",
                    "train.length");
            int firstStart = ObjectiveConfig.Transfer.firstStart(length);
            require(
                    firstStart < maxPosition - length,
                    "expected room for windows shifted by length/4 = " + firstStart + " or more below max-position "
                            + maxPosition + ", found none at length " + length
                            + "; raise max-position, shorten the length, or set objective.transfer.weight = 0",
                    "model.position.max-position",
                    "train.length");
        }
    }

    private static void checkShift(ObjectiveConfig.Shift shift, int batch) {
        if (shift.rate() > 0) {
            require(
                    batch % shift.groups() == 0,
                    "expected a batch that the " + shift.groups() + " shifted groups divide, found " + batch
                            + "; set groups to a divisor of " + batch + ", the batch to a multiple of " + shift.groups()
                            + ", or objective.shift.rate = 0",
                    "objective.shift.groups",
                    "train.batch");
        }
    }

    /** Every value by its full key, as HOCON writes it, in the order of the records. */
    public Map<String, String> values() {
        return HoconText.values(ConfigReader.ROOT, this);
    }

    /** The full keys of the values that do not affect what is trained. They are marked by {@link MayChange}. */
    public Set<String> changeable() {
        return HoconText.changeable(ConfigReader.ROOT, this, false);
    }

    /**
     * This configuration as HOCON with every key written out; {@link ConfigReader} reads it back as an equal
     * configuration.
     */
    public String toHocon() {
        return HoconText.of(ConfigReader.ROOT, this);
    }

    /**
     * The same configuration with the model's vocabulary set: the tokenizer's, unless the configuration sets its own.
     */
    public RunConfig resolveVocabulary(int tokenizer) {
        if (model.vocabulary() != 0) {
            return this;
        }
        return new RunConfig(
                name, seed, data, model.withVocabulary(tokenizer), objective, optimizer, train, evaluation, device);
    }
}
