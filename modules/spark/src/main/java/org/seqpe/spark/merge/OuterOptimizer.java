package org.seqpe.spark.merge;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.seqpe.core.config.OuterConfig;

/**
 * What the driver does with the replicas' weighted mean at the end of a round (DiLoCo, arXiv 2311.08105: an optimizer
 * on the outer gradient delta = start - mean, so that going down it is going towards the mean).
 */
public interface OuterOptimizer {

    /** Plain averaging: the mean as it is. */
    OuterOptimizer AVERAGE = (offset, count, start, mean, next) -> System.arraycopy(mean, 0, next, 0, count);

    /**
     * The optimizer that a configuration asks for.
     *
     * @param config with nothing left open
     * @param parameters length of the parameter vector
     */
    static OuterOptimizer of(OuterConfig config, long parameters) {
        return switch (config.optimizer()) {
            case AVERAGE -> AVERAGE;
            case SGD -> new OuterSgd();
            case NESTEROV -> new OuterNesterov(config.momentum(), parameters);
            case SLOWMO -> new SlowMomentum(config.momentum(), parameters);
            case AUTO -> throw new IllegalArgumentException(
                    "Cannot make an outer optimizer: expected a resolved configuration, found " + config);
        };
    }

    /**
     * Learning rates of a round.
     *
     * @param outer of the outer optimizer
     * @param inner of the replicas in the round's last step
     * @param previousInner of the replicas in the step before the round; 0 before the first
     */
    record Rates(double outer, double inner, double previousInner) {}

    /**
     * Sets the rates of a round before its first {@link #step}. It may be called again for a round that failed before
     * that.
     */
    default void begin(Rates rates) {}

    /**
     * The next parameters of elements {@code [offset, offset + count)}. Called once a round for each part of the
     * vector, possibly by several threads at once for different parts.
     *
     * @param offset place of the part in the whole vector
     * @param count elements of the part, which lie at the start of each array
     * @param start parameters that the round started from
     * @param mean weighted mean of the replicas' parameters
     * @param next receives the parameters that the next round starts from
     */
    void step(long offset, int count, float[] start, float[] mean, float[] next);

    /**
     * The state kept from round to round: a vector of the parameters' length, zero at the start, which checkpoints
     * save. Empty if the optimizer has no state.
     */
    default Optional<INDArray> momentum() {
        return Optional.empty();
    }

    /**
     * {@code start - rate (delta + push)} with {@code delta = start - mean}, arranged around the mean: {@code start -
     * (start - mean)} is not bitwise the mean, but with rate 1 and no push what is added here is exactly 0, and the
     * mean stays as it is (also -0.0).
     */
    static float stepped(float mean, double delta, double rate, double push) {
        double correction = (1 - rate) * delta - rate * push;
        return correction == 0 ? mean : (float) (mean + correction);
    }
}
