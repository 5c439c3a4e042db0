package org.seqpe.evaluation;

import java.util.List;

/**
 * A trained run that is to be measured.
 *
 * @param <P> the task's points
 * @param <R> the task's rows
 */
public interface SweepRun<P extends SweepPoint, R extends SweepRow> {

    /** What tables and plots call it. */
    String name();

    /**
     * Where it is measured, in the order of its rows.
     *
     * @throws org.seqpe.core.UserException if a point can be used by no run
     */
    List<P> points();

    /**
     * Opens the model. This is called once, and the model is closed before the next run is opened, so that only one is
     * in memory.
     */
    OpenRun<P, R> open();

    /** The row of a run that could not be opened. */
    R unopened(P point, String message);

    /** The key of the configuration to lower when memory runs out. */
    String memoryKey();
}
