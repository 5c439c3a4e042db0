package org.seqpe.bench;

import java.util.List;
import java.util.Locale;
import org.seqpe.core.config.PositionConfig.Encoding;
import org.seqpe.core.config.RunConfig;
import org.seqpe.model.dl4j.LayerSettings;

/**
 * One model and batch shape that is measured. Nothing is dropped in the main model, so that two implementations can be
 * compared number by number.
 */
public sealed interface Workload permits TextWorkload, ImageWorkload {
    /** Of weights, samples and positions. */
    long SEED = 20260101;

    /** What all workloads set: a constant rate, because the first step of a warmup would be 0. */
    List<String> COMMON = List.of(
            "name=bench",
            "seed=" + SEED,
            "data.path=none",
            "model.dropout=0",
            "optimizer.learning-rate=3e-4",
            // GPT-2's usual value.
            "optimizer.weight-decay=0.1",
            "optimizer.position-weight-decay=0.1",
            "optimizer.clip=1",
            "optimizer.position-clip=1",
            "optimizer.schedule.shape=constant",
            "optimizer.schedule.warmup-steps=0");

    Encoding encoding();

    int layers();

    int width();

    int heads();

    /** Samples of a step. */
    int batch();

    /** Threads that compute. */
    int threads();

    /** The configuration of a run that trains this model. */
    RunConfig runConfig();

    /** The same as the settings of a network. */
    default LayerSettings settings() {
        return LayerSettings.of(runConfig());
    }

    /** Random samples; each number has its own. */
    Batch batch(int index);

    /** Floating-point operations of the matrix products of one forward pass of the main model. */
    double forwardFlops();

    /** In words, for tables. */
    String describe();

    /** The options of {@link WorkloadOptions} that describe this workload. */
    List<String> options();

    /** The name of the encoding in configurations. */
    default String encodingName() {
        return encoding().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The settings of a configuration that all workloads have in common. */
    default List<String> shape() {
        return List.of(
                "model.width=" + width(),
                "model.layers=" + layers(),
                "model.heads=" + heads(),
                "model.position.encoding=" + encodingName(),
                "train.batch=" + batch());
    }

    /** {@link #options} that all workloads have in common. */
    default List<String> commonOptions() {
        return List.of(
                "--encoding",
                encoding().name(),
                "--layers",
                "" + layers(),
                "--width",
                "" + width(),
                "--heads",
                "" + heads(),
                "--batch",
                "" + batch(),
                "--threads",
                "" + threads());
    }
}
