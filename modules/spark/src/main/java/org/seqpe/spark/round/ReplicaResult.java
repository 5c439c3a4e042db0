package org.seqpe.spark.round;

import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingResult;

/** A {@link ReplicaReport} in the form that DL4J's round passes on. */
final class ReplicaResult extends ParameterAveragingTrainingResult {
    private final ReplicaReport report;

    ReplicaResult(ReplicaReport report) {
        super(null, null, report.loss(), null, null, null);
        this.report = report;
    }

    ReplicaReport report() {
        return report;
    }
}
