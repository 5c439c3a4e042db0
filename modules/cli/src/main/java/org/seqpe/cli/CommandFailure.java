package org.seqpe.cli;

/**
 * Reports a failed command to YARN's application master. Its message becomes the application's diagnosis, so it has no
 * stack trace.
 */
public final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param reason the text printed to standard error; null if there is none, after a signal */
    CommandFailure(int status, String reason) {
        super("exit status " + status + (reason == null ? "" : ": " + reason), null, false, false);
    }
}
