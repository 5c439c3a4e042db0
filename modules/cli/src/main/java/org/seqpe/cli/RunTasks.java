package org.seqpe.cli;

import java.util.List;
import org.seqpe.core.UserException;
import org.seqpe.core.config.TaskKind;
import org.seqpe.core.run.RunFolder;

/** What the commands do for runs of each task. */
final class RunTasks {
    private RunTasks() {}

    /**
     * How runs are measured and shown.
     *
     * @throws UserException if they have different tasks
     */
    static TaskSweep<?> of(List<RunFolder> runs) {
        TaskKind task = runs.get(0).config().task();
        for (RunFolder run : runs) {
            TaskKind other = run.config().task();
            if (other != task) {
                throw new UserException("Cannot compare " + run.path() + " with "
                        + runs.get(0).path() + ": expected runs of one task, found " + other.id() + " and "
                        + task.id() + "; name runs of one task.");
            }
        }
        return of(task);
    }

    static TaskSweep<?> of(TaskKind task) {
        return switch (task) {
            case LANGUAGE -> new TextSweep();
            case IMAGES -> new PictureSweep();
            case ANSWERS -> new QuestionSweep();
        };
    }
}
