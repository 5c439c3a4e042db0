package org.seqpe.spark;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaFutureAction;

/** Waiting for the results of a Spark job. */
public final class JobResults {
    private static final long POLL_MILLIS = 100;

    private JobResults() {}

    /**
     * Waits for a job.
     *
     * @param what it does, as in "prepare (tokens)"
     * @param meanwhile called ten times a second, such as to show progress
     * @throws IllegalStateException if the job fails, with the task's message, or if the wait is interrupted, which
     *     cancels the job
     */
    public static <T> List<T> await(String what, JavaFutureAction<List<T>> job, Runnable meanwhile) {
        try {
            while (true) {
                try {
                    return job.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    meanwhile.run();
                }
            }
        } catch (InterruptedException e) {
            job.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot " + what + ": interrupted.", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Cannot " + what + ": " + rootMessage(e), e.getCause());
        }
    }

    /** The task's own error message; Spark's message contains the whole stack trace. */
    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause().getMessage() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
