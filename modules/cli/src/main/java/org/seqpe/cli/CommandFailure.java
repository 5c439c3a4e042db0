package org.seqpe.cli;

/**
 * What YARN's application master learns of a command that did not succeed: its message becomes the application's
 * diagnosis, so it has no stack trace.
 */
public final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param reason as it stands on standard error; null where there is none, after a signal */
    CommandFailure(int status, String reason) {
        super("exit status " + status + (reason == null ? "" : ": " + reason), null, false, false);
    }
}
