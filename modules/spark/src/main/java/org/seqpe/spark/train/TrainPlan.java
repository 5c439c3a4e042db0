package org.seqpe.spark.train;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.seqpe.core.config.ModelConfig;
import org.seqpe.core.config.RunConfig;
import org.seqpe.core.config.TaskKind;
import org.seqpe.core.config.TrainConfig;
import org.seqpe.model.ModelSpec;
import org.seqpe.model.network.ModelLayout;
import org.seqpe.model.params.ParameterLayout;
import org.seqpe.model.task.Tasks;
import org.seqpe.spark.image.ImageData;
import org.seqpe.spark.merge.DeltaCode;
import org.seqpe.spark.round.RoundTraffic;
import org.seqpe.spark.text.TextData;
import org.seqpe.spark.vectors.Pieces;

/**
 * The sizes and costs of a configured run, computed by pure arithmetic: nothing is opened or started.
 *
 * @param parametersByPart in the order of the model
 * @param replicas model copies
 * @param unit what is counted, such as "tokens"
 * @param unitsPerStep of all replicas
 * @param steps of each replica
 * @param rounds of the whole run
 * @param outer the outer optimizer in words
 * @param resultBytes what a replica sends to the driver in a round
 * @param stateBytes parameters, gradients and both moments of a replica, in native memory
 * @param activationBytes about what a replica keeps of a batch for the backward pass, in native memory
 * @param storedBytes what Spark keeps of a replica between rounds, in its storage memory or on disk: the result and the
 *     moments
 */
public record TrainPlan(
        Map<String, Long> parametersByPart,
        int replicas,
        String unit,
        long unitsPerStep,
        int steps,
        int rounds,
        String outer,
        long resultBytes,
        long stateBytes,
        long activationBytes,
        long storedBytes) {
    private static final int COPIES_OF_STATE = 4;
    private static final int COPIES_STORED = 3;

    /**
     * @param config with the vocabulary or the classes set ({@link RunConfig#resolveVocabulary},
     *     {@link RunConfig#resolveClasses})
     */
    public static TrainPlan of(RunConfig config) {
        TrainConfig train = config.train();
        ModelConfig model = config.model();
        ModelSpec spec = Tasks.spec(config);
        boolean windows = config.task() == TaskKind.LANGUAGE;
        ParameterLayout layout = ModelLayout.of(spec);
        Map<String, Long> parts = new LinkedHashMap<>();
        layout.entries().forEach(entry -> parts.merge(entry.group(), entry.size(), Long::sum));
        long bytes = layout.size() * Float.BYTES;
        return new TrainPlan(
                parts,
                train.replicas(),
                unit(config.task()),
                windows ? train.tokensPerStep() : train.samplesPerStep(),
                train.steps(),
                train.rounds(),
                train.resolvedOuter().toString(),
                RoundTraffic.up(layout.size(), DeltaCode.of(train.deltaCompression()), Pieces.DEFAULT),
                COPIES_OF_STATE * bytes,
                activationBytes(model, (long) train.batch() * spec.rows(spec.grid())),
                COPIES_STORED * bytes);
    }

    /** What is counted before the data is read: examples of questions, since their tokens differ. */
    private static String unit(TaskKind task) {
        return switch (task) {
            case LANGUAGE -> TextData.UNIT;
            case IMAGES -> ImageData.UNIT;
            case ANSWERS -> "examples";
        };
    }

    /**
     * Rows of 8 C + 2 M floats a layer are kept, and 7 C + M once for all layers (M the MLP's inner width); attention
     * keeps no T x T matrix.
     */
    private static long activationBytes(ModelConfig model, long rows) {
        long kept = model.layers() * (8L * model.width() + 2L * model.innerWidth());
        return rows * (kept + 7L * model.width() + model.innerWidth()) * Float.BYTES;
    }

    /** All parameters of the model. */
    public long parameters() {
        return parametersByPart.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What the whole run is trained on, in units. */
    public long units() {
        return unitsPerStep * steps;
    }

    /** Bytes between driver and replicas in a round: the parameters to each, and what each sends back. */
    public long bytesPerRound() {
        return replicas * (parameters() * Float.BYTES + resultBytes);
    }

    /** A table for people. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        parametersByPart.forEach((part, count) -> line(table, "parameters: " + part, number(count)));
        line(table, "parameters", number(parameters()));
        line(table, unit + " a step", number(unitsPerStep));
        line(table, "steps", number(steps));
        line(table, unit, number(units()));
        line(table, "rounds", number(rounds));
        line(table, "outer optimizer", outer);
        line(table, "bytes a round", size(bytesPerRound()));
        line(table, "replicas", number(replicas));
        line(table, "memory a replica: parameters, gradients, moments", size(stateBytes));
        line(table, "memory a replica: activations, about", size(activationBytes));
        line(table, "Spark storage a replica: result and moments", size(storedBytes));
        return table.toString();
    }

    private static void line(StringBuilder table, String label, String value) {
        table.append(String.format(Locale.ROOT, "%-48s %42s%n", label, value));
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
