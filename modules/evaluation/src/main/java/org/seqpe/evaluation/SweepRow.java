package org.seqpe.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/**
 * One line of a sweep, as every task's rows show themselves to tables and reports. A task's own row is a record whose
 * components are the columns of sweep.csv and sweep.json.
 */
public interface SweepRow {

    /** Whether a row holds a result. */
    enum Status {
        /** Measured. */
        @JsonProperty("ok")
        OK,
        /** The model cannot work at this point, and said so before anything was computed. */
        @JsonProperty("refused")
        REFUSED,
        /** Something went wrong while it was measured. */
        @JsonProperty("failed")
        FAILED
    }

    /** Name of the run. */
    String run();

    /** The run's position encoding; null when the run could not be opened. */
    String encoding();

    /** The way of measuring, such as "sliding". Rows of one series are compared with each other. */
    String series();

    /** Where on the sweep's axis the run was measured, such as the length of a window. */
    AxisValue at();

    /** Where on the axis the run was trained; null when it could not be opened. */
    AxisValue trainedAt();

    /** Whether there is a result. */
    Status status();

    /** Why there is no result, or what to know about it; empty when there is nothing to say. */
    String message();

    /** The same measurement under another name of the run. */
    SweepRow withRun(String name);

    /** The loss by position, for tasks that have one; empty without a result. */
    default Optional<PositionCurve> curve() {
        return Optional.empty();
    }

    /** What was found by where it stands in the context, for tasks that look for something; empty without a result. */
    default Optional<DepthShares> depths() {
        return Optional.empty();
    }

    /** The most confused classes, for tasks that predict classes; empty without a result. */
    default Optional<Confusion> confusion() {
        return Optional.empty();
    }
}
