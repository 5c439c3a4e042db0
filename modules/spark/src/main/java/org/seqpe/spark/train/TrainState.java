package org.seqpe.spark.train;

import org.seqpe.spark.round.RoundPlan;
import org.seqpe.spark.round.RoundResult;

/**
 * Where a run is, as checkpoint.json keeps it beside the arrays.
 *
 * @param round rounds done
 * @param step optimizer steps that each replica has done
 * @param samples position in the data: samples that all replicas together have taken
 * @param tokens what they were trained on: predicted tokens of a language task, labelled pictures of an image task
 * @param seed root of every random choice
 * @param replicas model copies
 * @param validationLoss of these parameters; null where it was not measured
 */
public record TrainState(
        int round, int step, long samples, long tokens, long seed, int replicas, Double validationLoss) {

    static TrainState start(long seed, int replicas) {
        return new TrainState(0, 0, 0, 0, seed, replicas, null);
    }

    TrainState after(RoundResult result, int rowsPerStep) {
        RoundPlan plan = result.plan();
        long taken = (long) plan.steps() * plan.replicas() * rowsPerStep;
        return new TrainState(
                plan.round(),
                plan.firstStep() + plan.steps(),
                samples + taken,
                tokens + result.weight(),
                seed,
                replicas,
                null);
    }

    TrainState withReplicas(int count) {
        return new TrainState(round, step, samples, tokens, seed, count, validationLoss);
    }

    TrainState withValidationLoss(double loss) {
        return new TrainState(round, step, samples, tokens, seed, replicas, loss);
    }
}
