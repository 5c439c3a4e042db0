package org.seqpe.spark.train;

/**
 * A training that ended.
 *
 * @param steps optimizer steps that each replica has done, earlier starts included
 * @param samples what was trained on, earlier starts included: tokens of a language task, pictures of an image task
 * @param unit what they are called, such as "tokens"
 * @param loss mean training loss of the last round; null where nothing was left to do
 * @param validationLoss of the best checkpoint; null where none was measured
 * @param seconds of this start
 * @param end why it ended where it did
 * @param roundsLeft of the run
 */
public record TrainSummary(
        int steps,
        long samples,
        String unit,
        Double loss,
        Double validationLoss,
        double seconds,
        End end,
        int roundsLeft) {

    /**
     * LAST_STEP: the run is done; MAX_RUNTIME: its time was up; ASKED: somebody asked for it. After the latter two
     * there is a checkpoint to go on from.
     */
    public enum End {
        LAST_STEP,
        MAX_RUNTIME,
        ASKED
    }
}
