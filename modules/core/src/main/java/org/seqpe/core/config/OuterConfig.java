package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.ascending;
import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.belowOne;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.positive;

import java.io.Serializable;
import java.util.List;

/**
 * How the driver uses the mean of the replicas at the end of a round (DiLoCo, arXiv 2311.08105; SlowMo, arXiv
 * 1910.00643).
 *
 * @param optimizer the rule
 * @param learningRate rate of the step from a round's start towards the mean; 0 means the value that {@link #resolved}
 *     chooses
 * @param momentum decay of the accumulated steps, for NESTEROV and SLOWMO
 * @param schedule learning rates that take effect at given steps, ascending
 */
public record OuterConfig(Optimizer optimizer, double learningRate, double momentum, List<Rate> schedule)
        implements Serializable {
    /** The larger rate is used from this number of replicas on. */
    private static final int MANY_REPLICAS = 8;

    public OuterConfig {
        schedule = List.copyOf(schedule);
        notNegative("learning-rate", learningRate);
        belowOne("momentum", momentum);
        ascending("schedule", schedule.stream().map(Rate::fromStep).toList());
    }

    /** AUTO: AVERAGE for one replica, NESTEROV for several. */
    public enum Optimizer {
        AUTO,
        AVERAGE,
        SGD,
        NESTEROV,
        SLOWMO
    }

    /**
     * A learning rate that takes effect at a step.
     *
     * @param fromStep optimizer steps of each replica before it takes effect
     * @param learningRate above 0
     */
    public record Rate(int fromStep, double learningRate) implements Serializable {
        public Rate {
            atLeast("from-step", fromStep, 1);
            positive("learning-rate", learningRate);
        }
    }

    /**
     * The same settings with every default filled in. Without a learning rate, NESTEROV uses the best rate for the
     * number of replicas according to the scaling laws of DiLoCo (arXiv 2503.09799), and SGD and SLOWMO use 1.
     */
    public OuterConfig resolved(int replicas) {
        Optimizer rule =
                optimizer != Optimizer.AUTO ? optimizer : replicas == 1 ? Optimizer.AVERAGE : Optimizer.NESTEROV;
        double rate = learningRate > 0 ? learningRate : rule == Optimizer.NESTEROV ? nesterovRate(replicas) : 1;
        return new OuterConfig(rule, rate, momentum, schedule);
    }

    private static double nesterovRate(int replicas) {
        if (replicas == 1) {
            return 0.4;
        }
        return replicas < MANY_REPLICAS ? 0.6 : 0.8;
    }

    /** The learning rate of a round that begins after {@code step} steps. */
    public double learningRate(int step) {
        double rate = learningRate;
        for (Rate next : schedule) {
            rate = next.fromStep() <= step ? next.learningRate() : rate;
        }
        return rate;
    }

    /** A description of the rule for people to read. */
    @Override
    public String toString() {
        String name = optimizer.name().toLowerCase(java.util.Locale.ROOT);
        String rate = ", learning rate " + learningRate + (schedule.isEmpty() ? "" : " at the start");
        return switch (optimizer) {
            case AUTO, AVERAGE -> name;
            case SGD -> name + rate;
            case NESTEROV, SLOWMO -> name + rate + ", momentum " + momentum;
        };
    }
}
