package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.ascending;
import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.countable;
import static org.seqpe.core.config.Checks.notNegative;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * How much is trained, in what portions. Tokens a step = replicas x accumulation x batch x length.
 *
 * @param length T, tokens a sequence
 * @param batch sequences a replica puts through the model at once
 * @param accumulation such batches a step
 * @param steps optimizer steps of each replica in all
 * @param replicas model copies that are averaged
 * @param stepsPerRound H, local steps between averagings
 * @param roundSchedule other lengths of a round from given steps on, ascending; the round before ends there
 * @param outer what becomes of the average
 * @param deltaCompression of what replicas send at the end of a round
 * @param moments what becomes of the replicas' optimizer moments between rounds
 * @param validateEvery rounds between validations; 0 for never
 * @param validationTokens most tokens of the validation split a validation reads; 0 for all
 * @param checkpointEvery rounds between checkpoints
 * @param maxRuntime training ends at the end of the round after which another one would take longer than this; 0 for no
 *     limit
 * @param roundRetries failures of rounds in a row after which training fails
 * @param clusterTimeout how long a cluster may have too few task slots
 * @param allowWaves whether replicas may take turns where a cluster has fewer slots
 */
public record TrainConfig(
        int length,
        int batch,
        int accumulation,
        int steps,
        int replicas,
        int stepsPerRound,
        List<RoundLength> roundSchedule,
        OuterConfig outer,
        DeltaCompression deltaCompression,
        Moments moments,
        @MayChange int validateEvery,
        @MayChange long validationTokens,
        @MayChange int checkpointEvery,
        @MayChange Duration maxRuntime,
        @MayChange int roundRetries,
        @MayChange Duration clusterTimeout,
        @MayChange boolean allowWaves)
        implements Serializable {
    public TrainConfig {
        roundSchedule = List.copyOf(roundSchedule);
        atLeast("length", length, 2);
        atLeast("batch", batch, 1);
        atLeast("accumulation", accumulation, 1);
        atLeast("steps", steps, 1);
        atLeast("replicas", replicas, 1);
        atLeast("steps-per-round", stepsPerRound, 1);
        ascending(
                "round-schedule",
                roundSchedule.stream().map(RoundLength::fromStep).toList());
        atLeast("validate-every", validateEvery, 0);
        atLeast("validation-tokens", validationTokens, 0);
        atLeast("checkpoint-every", checkpointEvery, 1);
        notNegative("max-runtime", maxRuntime);
        atLeast("round-retries", roundRetries, 0);
        notNegative("cluster-timeout", clusterTimeout);
        countable(
                "tokens in a replica's step (batch x accumulation x length)",
                new int[] {batch, accumulation, length},
                "batch",
                "accumulation",
                "length");
    }

    /** NONE: parameters as they are; otherwise what a round changed, rounded to so many bits a value. */
    public enum DeltaCompression {
        NONE,
        BF16,
        INT8,
        INT4
    }

    /** KEEP: each replica goes on with its own; AVERAGE: all with the mean of all; RESET: all with zeros. */
    public enum Moments {
        KEEP,
        AVERAGE,
        RESET
    }

    /**
     * A length of rounds that holds from a step on.
     *
     * @param fromStep optimizer steps of each replica before it holds
     * @param steps H from there on
     */
    public record RoundLength(int fromStep, int steps) implements Serializable {
        public RoundLength {
            atLeast("from-step", fromStep, 1);
            atLeast("steps", steps, 1);
        }
    }

    /** Tokens that all replicas together train on in one step. */
    public long tokensPerStep() {
        return (long) replicas * accumulation * batch * length;
    }

    /**
     * Local steps of the round that begins after {@code step} steps: H, but no further than the next entry of the
     * schedule and the last step.
     */
    public int stepsOfRound(int step) {
        int wanted = stepsPerRound;
        int end = steps;
        for (RoundLength next : roundSchedule) {
            if (next.fromStep() <= step) {
                wanted = next.steps();
            } else {
                end = Math.min(end, next.fromStep());
            }
        }
        return Math.min(wanted, end - step);
    }

    /** Rounds of the whole run. */
    public int rounds() {
        return roundsFrom(0);
    }

    /** Rounds that are left after so many steps. */
    public int roundsFrom(int first) {
        int rounds = 0;
        for (int step = first; step < steps; step += stepsOfRound(step)) {
            rounds++;
        }
        return rounds;
    }

    /** The outer optimizer with nothing left open. */
    public OuterConfig resolvedOuter() {
        return outer.resolved(replicas);
    }
}
