package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.ascending;
import static org.seqpe.core.config.Checks.atLeast;
import static org.seqpe.core.config.Checks.countable;
import static org.seqpe.core.config.Checks.notNegative;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * The amount of training and how it is divided. Tokens per step = replicas x accumulation x batch x length.
 *
 * @param length T, tokens a sequence; read when the task is LANGUAGE or ANSWERS; the longest example of ANSWERS
 * @param batch sequences or pictures in one forward pass of a replica
 * @param accumulation batches per step
 * @param steps total optimizer steps of each replica
 * @param replicas model copies that are averaged
 * @param stepsPerRound H, local steps between averagings
 * @param roundSchedule round lengths that take effect at given steps, ascending; the round before such a step ends at
 *     it
 * @param outer how the average is used
 * @param deltaCompression compression of what replicas send at the end of a round
 * @param initial a run folder or safetensors file with parameters to begin with; empty for none
 * @param moments how the replicas' optimizer moments are carried from round to round
 * @param validateEvery rounds between validations; 0 for never
 * @param validationTokens maximum number of tokens that one validation reads; 0 for the whole split
 * @param validationImages the same for pictures
 * @param validationExamples the same for questions
 * @param checkpointEvery rounds between checkpoints
 * @param maxRuntime training stops after a round if the next round would exceed this time; 0 for no limit
 * @param roundRetries consecutive failures of rounds after which training fails
 * @param clusterTimeout how long to wait while a cluster has too few task slots
 * @param allowWaves whether replicas may take turns if a cluster has fewer slots
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
        String initial,
        Moments moments,
        @MayChange int validateEvery,
        @MayChange long validationTokens,
        @MayChange long validationImages,
        @MayChange long validationExamples,
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
        atLeast("validation-images", validationImages, 0);
        atLeast("validation-examples", validationExamples, 0);
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

    /**
     * NONE sends the parameters unchanged. The others send the change of a round, rounded to the named number of bits
     * per value.
     */
    public enum DeltaCompression {
        NONE,
        BF16,
        INT8,
        INT4
    }

    /**
     * KEEP: each replica continues with its own moments; AVERAGE: all continue with the mean; RESET: all start from
     * zeros.
     */
    public enum Moments {
        KEEP,
        AVERAGE,
        RESET
    }

    /**
     * A round length that takes effect at a step.
     *
     * @param fromStep optimizer steps of each replica before it takes effect
     * @param steps H from there on
     */
    public record RoundLength(int fromStep, int steps) implements Serializable {
        public RoundLength {
            atLeast("from-step", fromStep, 1);
            atLeast("steps", steps, 1);
        }
    }

    /** Sequences or pictures that all replicas together train on in one step. */
    public long samplesPerStep() {
        return (long) replicas * accumulation * batch;
    }

    /** Tokens that all replicas together train on in one step of a language task. */
    public long tokensPerStep() {
        return samplesPerStep() * length;
    }

    /**
     * Local steps of the round that begins after {@code step} steps: H, or fewer if the next entry of the schedule or
     * the last step comes first.
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

    /** Number of rounds in the whole run. */
    public int rounds() {
        return roundsFrom(0);
    }

    /** Number of rounds that remain after {@code first} steps. */
    public int roundsFrom(int first) {
        int rounds = 0;
        for (int step = first; step < steps; step += stepsOfRound(step)) {
            rounds++;
        }
        return rounds;
    }

    /** The outer optimizer with every default filled in. */
    public OuterConfig resolvedOuter() {
        return outer.resolved(replicas);
    }
}
