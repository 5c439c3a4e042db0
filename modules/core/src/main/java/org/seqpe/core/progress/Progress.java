package org.seqpe.core.progress;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Shows the user the progress of a job, one phase after another. Jobs call it from one thread; the command line shows a
 * bar on terminals and {@link #lines} elsewhere.
 */
public interface Progress extends AutoCloseable {

    /**
     * Begins a phase, and ends the one before.
     *
     * @param label what is done, such as "Training"
     * @param total units of the phase; 0 or less if it is not known
     */
    void start(String label, long total);

    /**
     * @param units done since the last call
     * @param message a short status, such as "loss 4.21"; may be empty
     */
    void advance(long units, String message);

    /** Ends the last phase. */
    @Override
    void close();

    /** Shows nothing. */
    static Progress none() {
        return new Progress() {
            @Override
            public void start(String label, long total) {}

            @Override
            public void advance(long units, String message) {}

            @Override
            public void close() {}
        };
    }

    /**
     * Prints a line when a phase begins and ends, and at most one per {@code interval} in between, for logs and pipes.
     */
    static Progress lines(PrintStream out, Duration interval) {
        return new ProgressLines(out, interval);
    }
}
