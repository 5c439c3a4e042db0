package org.seqpe.spark.round;

import java.io.Serializable;
import java.util.List;
import org.seqpe.spark.moments.SavedMoments;

/**
 * One round, as the tasks need to know it.
 *
 * @param run identifies the run in this application
 * @param round number of the round, from 1
 * @param firstStep optimizer steps that every replica has done before
 * @param firstSample samples that all replicas together have taken before: the position in the data
 * @param steps local steps of this round
 * @param moments where each replica's moments are, by replica number
 */
public record RoundPlan(String run, int round, int firstStep, long firstSample, int steps, List<SavedMoments> moments)
        implements Serializable {
    public RoundPlan {
        moments = List.copyOf(moments);
    }

    /** Model copies. */
    public int replicas() {
        return moments.size();
    }
}
