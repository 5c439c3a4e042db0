package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.ascending;
import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.belowOne;
import static org.seqpe.core.config.Checks.notNegative;
import static org.seqpe.core.config.Checks.positive;

import java.io.Serializable;
import java.util.List;

/**
 * What the driver does with the replicas' mean at the end of a round (DiLoCo, arXiv 2311.08105; SlowMo, arXiv
 * 1910.00643).
 *
 * @param optimizer the rule
 * @param learningRate of the step from a round's start towards the mean; 0 for what {@link #resolved} takes
 * @param momentum decay of the accumulated steps, for NESTEROV and SLOWMO
 * @param schedule other learning rates from given steps on, ascending
 */
public record OuterConfig(Optimizer optimizer, double learningRate, double momentum, List<Rate> schedule)
        implements Serializable {
    /** From this many replicas on the larger rate is taken. */
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
     * A learning rate that holds from a step on.
     *
     * @param fromStep optimizer steps of each replica before it holds
     * @param learningRate above 0
     */
    public record Rate(int fromStep, double learningRate) implements Serializable {
        public Rate {
            atLeast("from-step", fromStep, 1);
            positive("learning-rate", learningRate);
        }
    }

    /**
     * The same with nothing left open. Without a learning rate, NESTEROV takes what the scaling laws of DiLoCo (arXiv
     * 2503.09799) found best by number of replicas, and SGD and SLOWMO take 1.
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

    /** The learning rate of a round that begins after so many steps. */
    public double learningRate(int step) {
        double rate = learningRate;
        for (Rate next : schedule) {
            rate = next.fromStep() <= step ? next.learningRate() : rate;
        }
        return rate;
    }

    /** The rule in words, for people. */
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
