package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.countable;
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
 * @param task what is learned
 * @param data where the prepared data is and how it is read
 * @param model the Transformer and its position encoding
 * @param image patches and augmentation, read when the task is IMAGES
 * @param answers loss and positions of examples, read when the task is ANSWERS
 * @param objective the two auxiliary position losses and the random shift
 * @param optimizer AdamW, clipping and the learning-rate schedule
 * @param train batch, steps, replicas and rounds
 * @param evaluation lengths and protocols of sweeps
 * @param device the device that computes
 */
public record RunConfig(
        @MayChange String name,
        long seed,
        TaskKind task,
        DataConfig data,
        ModelConfig model,
        ImageConfig image,
        AnswerConfig answers,
        ObjectiveConfig objective,
        OptimizerConfig optimizer,
        TrainConfig train,
        @MayChange EvaluationConfig evaluation,
        @MayChange DeviceConfig device)
        implements Serializable {
    public RunConfig {
        notBlank("name", name, "tables and plots call the run by it");
        if (task == TaskKind.IMAGES) {
            checkImages(model, image, objective, train);
        } else {
            checkText(model, objective, train);
        }
        if (task == TaskKind.LANGUAGE) {
            checkWindows(evaluation);
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
                        DeviceConfig.Precision.FLOAT32,
                        device.precisionFallback());
    }

    private static void checkWindows(EvaluationConfig evaluation) {
        for (int length : evaluation.lengths()) {
            require(
                    evaluation.stride() <= length
                            || !evaluation.protocols().contains(EvaluationConfig.Protocol.SLIDING),
                    "expected a stride of at most every sliding length, found stride " + evaluation.stride()
                            + " and length " + length
                            + "; lower the stride, drop the length, or leave out the sliding protocol",
                    "evaluation.stride",
                    "evaluation.lengths");
        }
    }

    private static void checkText(ModelConfig model, ObjectiveConfig objective, TrainConfig train) {
        PositionConfig position = model.position();
        require(
                position.encoding() != Encoding.ROPE_MIXED,
                "expected an encoding for positions of one coordinate, found " + position.encoding()
                        + ", which is for images; choose rope or set task = images",
                "model.position.encoding",
                "task");
        if (position.encoding() == Encoding.LEARNED) {
            require(
                    position.learnedRows() == 0 || position.learnedRows() >= train.length(),
                    "expected a learned table of at least the training length " + train.length() + ", found "
                            + position.learnedRows() + " rows; set learned-rows = 0 to follow the length",
                    "model.position.learned-rows",
                    "train.length");
        }
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
            checkContrastive(objective.contrastive(), position.maxPosition());
            checkTransfer(objective.transfer(), train.length(), position.maxPosition());
            checkShift(objective.shift(), train.batch());
        }
    }

    private static void checkImages(
            ModelConfig model, ImageConfig image, ObjectiveConfig objective, TrainConfig train) {
        PositionConfig position = model.position();
        Resolution size = image.size();
        int rows = size.rows() / image.patch();
        int columns = size.columns() / image.patch();
        countable(
                "values in the pictures of a replica's step (batch x accumulation x 3 x rows x columns)",
                new int[] {train.batch(), train.accumulation(), 3, size.rows(), size.columns()},
                "train.batch",
                "train.accumulation",
                "image.resolution");
        require(
                position.encoding() != Encoding.ALIBI,
                "expected an encoding for rows and columns, found alibi, which biases by the distance between tokens of a text;"
                        + " choose seqpe, learned, sinusoidal, rope, rope-mixed or none",
                "model.position.encoding",
                "task");
        require(
                position.learnedRows() == 0,
                "expected 0, because an image's learned table has one row a patch, found " + position.learnedRows(),
                "model.position.learned-rows");
        boolean rotates = position.encoding() == Encoding.ROPE || position.encoding() == Encoding.ROPE_MIXED;
        require(
                !rotates || model.headWidth() % 4 == 0,
                "expected a head width that 4 divides, because RoPE turns pairs by row and by column; found "
                        + model.headWidth() + " (width / heads); change heads or width",
                "model.heads",
                "model.width");
        require(
                train.batch() % 2 == 0 || !image.augment().mixes(),
                "expected an even batch, because mixup and cutmix mix pairs of pictures, found " + train.batch(),
                "train.batch",
                "image.augment.mix-probability");
        if (position.encoding() == Encoding.SEQPE) {
            require(
                    position.seqpe().dimensions() == 2,
                    "expected 2, because patches have a row and a column, found "
                            + position.seqpe().dimensions() + "; set dimensions = 2",
                    "model.position.seqpe.dimensions");
            int side = PositionConfig.side(position.maxPosition(), 2);
            require(
                    Math.max(rows, columns) <= side,
                    "expected at most the " + side + " rows and columns of positions that there are, found " + rows
                            + " x " + columns + " patches; raise max-position, or lower the resolution",
                    "image.resolution",
                    "model.position.max-position");
            checkContrastive(objective.contrastive(), position.maxPosition());
            checkTransferGrid(objective.transfer(), rows, columns, side);
            checkShift(objective.shift(), train.batch());
        }
    }

    private static void checkTransferGrid(ObjectiveConfig.Transfer transfer, int rows, int columns, int side) {
        if (transfer.weight() > 0) {
            require(
                    transfer.offsets() <= rows * columns,
                    "expected at most as many offsets as the " + rows * columns + " patches of a picture, found "
                            + transfer.offsets() + "; lower offsets or raise the resolution",
                    "objective.transfer.offsets",
                    "image.resolution");
            require(
                    2 * rows <= side - 1 || 2 * columns <= side - 1,
                    "expected room for windows beyond the " + rows + " x " + columns
                            + " patches of training, found none in " + side + " rows and columns of positions"
                            + "; raise max-position, lower the resolution, or set objective.transfer.weight = 0",
                    "model.position.max-position",
                    "image.resolution");
        }
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
                name,
                seed,
                task,
                data,
                model.withVocabulary(tokenizer),
                image,
                answers,
                objective,
                optimizer,
                train,
                evaluation,
                device);
    }

    /** The same configuration with the classes of an image dataset, unless the configuration sets its own. */
    public RunConfig resolveClasses(int dataset) {
        return new RunConfig(
                name,
                seed,
                task,
                data,
                model,
                image.withClasses(dataset),
                answers,
                objective,
                optimizer,
                train,
                evaluation,
                device);
    }
}
