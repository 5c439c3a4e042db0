package org.seqpe.model.dl4j;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.seqpe.core.config.OptimizerConfig.Schedule.Shape;

/**
 * Linear warmup from 0, then a constant, linear or cosine schedule to a share of the peak at the last step. The values
 * are those of Hugging Face's schedules of these names, whose last share is 0. The rate depends only on the steps done,
 * so it continues across averagings and restarts.
 *
 * @param peak highest rate
 * @param finalShare rate after {@code totalSteps} as a share of the peak
 */
public record WarmupSchedule(
        @JsonProperty("shape") Shape shape,
        @JsonProperty("peak") double peak,
        @JsonProperty("warmupSteps") int warmupSteps,
        @JsonProperty("totalSteps") int totalSteps,
        @JsonProperty("finalShare") double finalShare)
        implements ISchedule {
    @JsonCreator
    public WarmupSchedule {
        if (warmupSteps < 0 || totalSteps < warmupSteps) {
            throw new IllegalArgumentException(
                    "Cannot schedule a learning rate: expected 0 <= warmup <= steps, found a warmup of " + warmupSteps
                            + " in " + totalSteps + " steps");
        }
    }

    /** @param iteration optimizer steps done before this one */
    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmupSteps) {
            return peak * iteration / warmupSteps;
        }
        double progress = totalSteps == warmupSteps
                ? 1
                : Math.min(1, (iteration - warmupSteps) / (double) (totalSteps - warmupSteps));
        return switch (shape) {
            case CONSTANT -> peak;
            case LINEAR -> peak * (1 - progress * (1 - finalShare));
            case COSINE -> peak * (finalShare + (1 - finalShare) * 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }

    /** Returns this object, which is immutable. */
    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod")
    public ISchedule clone() {
        return this;
    }
}
