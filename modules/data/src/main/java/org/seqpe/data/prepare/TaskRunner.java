package org.seqpe.data.prepare;

import java.io.Serializable;
import java.util.List;

/** Runs independent tasks, in any order and place, any number of times. */
public interface TaskRunner {

    /** The work of each task. Tasks and results are JSON, so that no cluster serializer needs to know their types. */
    @FunctionalInterface
    interface Work extends Serializable {
        /**
         * @param task the task
         * @param attempt a name that no other run of a task in this preparation has; it is part of file names, so that
         *     a second run of a task never conflicts with the files of the first
         */
        String run(String task, String attempt);
    }

    /**
     * @param stage name of the stage
     * @return the results, in the order of the tasks
     */
    List<String> run(String stage, List<String> tasks, Work work);
}
