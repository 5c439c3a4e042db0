package org.seqpe.core.config;

import static org.seqpe.core.config.Checks.atLeast;

import java.io.Serializable;

/**
 * How much is trained, in what portions (design.md, "spark: rounds"). Tokens a step = replicas x accumulation x batch x length.
 *
 * @param length        T, tokens a sequence
 * @param batch         sequences a replica puts through the model at once
 * @param accumulation  such batches a step
 * @param steps         optimizer steps of each replica in all
 * @param replicas      model copies that are averaged
 * @param stepsPerRound H, local steps between averagings
 * @param validateEvery rounds between validations; 0 for never
 * @param validationTokens most tokens of the validation split a validation reads; 0 for all
 * @param checkpointEvery rounds between checkpoints
 */
public record TrainConfig(int length, int batch, int accumulation, int steps, int replicas, int stepsPerRound, int validateEvery,
                          long validationTokens, int checkpointEvery) implements Serializable {
    public TrainConfig {
        atLeast("length", length, 2);
        atLeast("batch", batch, 1);
        atLeast("accumulation", accumulation, 1);
        atLeast("steps", steps, 1);
        atLeast("replicas", replicas, 1);
        atLeast("steps-per-round", stepsPerRound, 1);
        atLeast("validate-every", validateEvery, 0);
        atLeast("validation-tokens", validationTokens, 0);
        atLeast("checkpoint-every", checkpointEvery, 1);
    }

    /** Tokens that all replicas together train on in one step. */
    public long tokensPerStep() {
        return (long) replicas * accumulation * batch * length;
    }

    /** Rounds of the whole run; the last one may be shorter. */
    public int rounds() {
        return (steps + stepsPerRound - 1) / stepsPerRound;
    }
}
